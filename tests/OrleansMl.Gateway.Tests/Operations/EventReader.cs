using System.Text.Json;

namespace OrleansMl.Gateway.Tests.Operations;

internal sealed record ReadEvent(string Name, string? Id, JsonElement Data);

/// <summary>Reads Server-Sent Events as a client does.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private readonly StreamReader _reader;

    private EventReader(Stream stream) => _reader = new StreamReader(stream);

    public static async Task<EventReader> OpenAsync(HttpResponseMessage response)
    {
        Assert.True(
            response.IsSuccessStatusCode,
            $"{response.StatusCode}: {(response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))}"
        );
        return new EventReader(
            await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)
        );
    }

    /// <summary>The next event; null at the stream's end.</summary>
    public async Task<ReadEvent?> NextAsync()
    {
        string? name = null;
        string? id = null;
        JsonElement data = default;
        while (await LineAsync() is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = JsonElement.Parse(line[6..]);
            else if (line.Length == 0 && name is not null)
                return new ReadEvent(name, id, data);
        }
        return null;
    }

    /// <summary>Reads up to the next heartbeat, which must come before any event.</summary>
    public async Task HeartbeatAsync()
    {
        while (await LineAsync() is { } line)
        {
            if (line == ": heartbeat")
                return;
            Assert.Empty(line);
        }
        Assert.Fail("The stream ended without a heartbeat.");
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string?> LineAsync() =>
        await _reader.ReadLineAsync(TestContext.Current.CancellationToken);
}
