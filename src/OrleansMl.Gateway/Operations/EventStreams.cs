using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;

namespace OrleansMl.Gateway.Operations;

/// <summary>Opens Server-Sent Events streams, a bounded number at a time.</summary>
internal sealed class EventStreams(IOptions<GatewayOptions> options, TimeProvider time)
    : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.MaxEventStreams);

    /// <summary>Begins a stream as the answer; dispose it to end it.</summary>
    /// <exception cref="OverloadedException">As many as allowed are open.</exception>
    public EventStream Open(HttpContext context)
    {
        if (!_slots.Wait(0, context.RequestAborted))
            throw new OverloadedException(
                $"{options.Value.MaxEventStreams} event streams are open, as many as {GatewayOptions.Section}:{nameof(GatewayOptions.MaxEventStreams)} allows; come back later."
            );
        return new EventStream(
            context,
            TimeSpan.FromSeconds(options.Value.HeartbeatSeconds),
            time,
            () => _slots.Release()
        );
    }

    public void Dispose() => _slots.Dispose();
}
