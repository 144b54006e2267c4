using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts;

namespace OrleansMl.Gateway.Operations;

/// <summary>One Server-Sent Events answer. Events are written by one caller at a time.</summary>
internal sealed class EventStream(
    HttpContext context,
    TimeSpan heartbeat,
    TimeProvider time,
    Action onClosed
) : IDisposable
{
    private static readonly byte[] HeartbeatLine = ": heartbeat\n\n"u8.ToArray();
    private bool _started;

    /// <summary>The silence after which a heartbeat is due.</summary>
    public TimeSpan Heartbeat => heartbeat;

    /// <summary>Writes a comment, so that proxies keep the connection and dead ones are noticed.</summary>
    public Task WriteHeartbeatAsync(CancellationToken cancellationToken) =>
        WriteAsync(HeartbeatLine, cancellationToken);

    /// <summary>Writes each thing of the channel by the writer given, and a comment where nothing comes for a while.</summary>
    public async Task PumpAsync<T>(
        ChannelReader<T> source,
        Func<T, Task> write,
        CancellationToken cancellationToken
    )
    {
        var more = source.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            if (!more.IsCompleted && !await CameInTimeAsync(more, cancellationToken))
            {
                await WriteAsync(HeartbeatLine, cancellationToken);
                continue;
            }
            if (!await more)
                return;
            while (source.TryRead(out var item))
                await write(item);
            more = source.WaitToReadAsync(cancellationToken).AsTask();
        }
    }

    /// <summary>Writes an event, its data as one line of JSON.</summary>
    public Task WriteEventAsync<T>(
        string name,
        T data,
        CancellationToken cancellationToken,
        string? id = null
    )
    {
        var line = id is null ? "" : $"id: {id}\n";
        var json = JsonSerializer.Serialize(data, ContractsJson.Options);
        return WriteAsync(
            Encoding.UTF8.GetBytes($"event: {name}\n{line}data: {json}\n\n"),
            cancellationToken
        );
    }

    /// <summary>Sends the headers, so that the caller knows that the stream is open before the first event.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_started)
            return;
        _started = true;
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        // Proxies of the nginx family would hold events back otherwise.
        response.Headers["X-Accel-Buffering"] = "no";
        await response.Body.FlushAsync(cancellationToken);
    }

    public void Dispose() => onClosed();

    private async Task<bool> CameInTimeAsync(Task more, CancellationToken cancellationToken)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var silence = Task.Delay(heartbeat, time, quiet.Token);
        var first = await Task.WhenAny(more, silence);
        await quiet.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return first == more;
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        await context.Response.Body.WriteAsync(bytes, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
