using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Answered calls that wait for a shadow, up to a number and a size. Thread-safe.</summary>
public sealed class ShadowQueue(IOptions<TrafficOptions> options)
{
    private readonly Channel<ShadowCall> _calls = Channel.CreateBounded<ShadowCall>(
        new BoundedChannelOptions(options.Value.ShadowQueueLimit)
        {
            FullMode = BoundedChannelFullMode.Wait,
        }
    );
    private long _bytes;

    internal ChannelReader<ShadowCall> Reader => _calls.Reader;

    /// <summary>Takes a call in, at once; false when there is no room.</summary>
    internal bool TryAdd(ShadowCall call)
    {
        if (Interlocked.Add(ref _bytes, call.Bytes) <= options.Value.ShadowQueueBytes)
        {
            call.Request.Memory?.Hold();
            call.Response.Memory?.Hold();
            if (_calls.Writer.TryWrite(call))
                return true;
            call.Release();
        }
        Interlocked.Add(ref _bytes, -call.Bytes);
        return false;
    }

    /// <summary>Gives a call's room and memory back.</summary>
    internal void Done(ShadowCall call)
    {
        Interlocked.Add(ref _bytes, -call.Bytes);
        call.Release();
    }
}
