using System.Net.ServerSentEvents;
using System.Text.Json;
using OrleansMl.Contracts;

namespace OrleansMl.Client;

/// <summary>One connection's Server-Sent Events, read one by one.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly GatewayCall _call;
    private readonly HttpResponseMessage _response;
    private readonly IdleTimeoutStream _stream;
    private readonly IAsyncEnumerator<SseItem<byte[]>> _items;
    private readonly SseParser<byte[]> _parser;

    private EventStream(
        GatewayCall call,
        HttpResponseMessage response,
        IdleTimeoutStream stream,
        CancellationToken cancellationToken
    )
    {
        _call = call;
        _response = response;
        _stream = stream;
        _parser = SseParser.Create(stream, static (_, data) => data.ToArray());
        _items = _parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>Why the stream ended before its last event.</summary>
    public string Failure { get; private set; } = "the stream ended";

    /// <summary>What to ask to go on after.</summary>
    public string? LastEventId => _parser.LastEventId is { Length: > 0 } id ? id : null;

    public static async Task<EventStream> OpenAsync(
        GatewayTransport transport,
        GatewayCall call,
        CancellationToken cancellationToken
    )
    {
        call = call with { Accept = "text/event-stream", Streamed = true };
        var response = await transport.SendAsync(call, cancellationToken);
        try
        {
            if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
                throw new OrleansMlException(
                    response.StatusCode,
                    OrleansMlErrorCodes.UnexpectedAnswer,
                    $"{call} was answered with '{response.Content.Headers.ContentType}', expected text/event-stream."
                );
            return new EventStream(
                call,
                response,
                new IdleTimeoutStream(
                    await response.Content.ReadAsStreamAsync(cancellationToken),
                    transport.Options.StreamIdleTimeout,
                    transport.Options.TimeProvider
                ),
                cancellationToken
            );
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>The next event; null when the connection ended or broke, see <see cref="Failure"/>.</summary>
    public async Task<SseItem<byte[]>?> ReadAsync()
    {
        try
        {
            return await _items.MoveNextAsync() ? _items.Current : null;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The caller connects again, or gives up with this reason.
            Failure = e.Message;
            return null;
        }
    }

    /// <summary>Reads the JSON of an event.</summary>
    public T Parse<T>(SseItem<byte[]> item)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(item.Data, ContractsJson.Options)
                ?? throw new JsonException("the data is null");
        }
        catch (JsonException e)
        {
            throw new OrleansMlException(
                _response.StatusCode,
                OrleansMlErrorCodes.UnexpectedAnswer,
                $"{_call} sent an event '{item.EventType}' that can't be read as {typeof(T).Name}: {e.Message}",
                innerException: e
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _items.DisposeAsync();
        await _stream.DisposeAsync();
        _response.Dispose();
    }
}
