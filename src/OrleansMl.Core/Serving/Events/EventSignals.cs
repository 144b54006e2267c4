using System.Collections.Concurrent;

namespace OrleansMl.Core.Serving.Events;

/// <summary>
/// Tells those who wait that a topic has something new. Take the signal first, then look: what comes in between is not missed. A
/// signal may be lost with a connection to the database, so whoever waits also looks from time to time. Thread-safe.
/// </summary>
public sealed class EventSignals
{
    /// <summary>In place of a topic: a group was made, changed, paused or moved.</summary>
    public const string Groups = "$groups";

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();

    /// <summary>Ends with the topic's next signal.</summary>
    public Task NextAsync(string topic) => _waiting.GetOrAdd(topic, static _ => Create()).Task;

    /// <summary>Signals.</summary>
    public void Raise(string topic)
    {
        if (_waiting.TryRemove(topic, out var waiting))
            waiting.TrySetResult();
    }

    /// <summary>Signals all, when some may have been lost.</summary>
    public void RaiseAll()
    {
        foreach (var topic in _waiting.Keys)
            Raise(topic);
    }

    /// <summary>Waits for a signal that was taken before, at most so long.</summary>
    public static async Task WaitAsync(
        Task signal,
        TimeSpan atMost,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(signal);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(signal, Task.Delay(atMost, time, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource Create() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
