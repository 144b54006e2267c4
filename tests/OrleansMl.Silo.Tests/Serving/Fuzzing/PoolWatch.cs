using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>Counts the arrays that the process has rented from array pools and not given back, by the runtime's own events.</summary>
internal sealed class PoolWatch : EventListener
{
    private const int Rented = 1;
    private const int Returned = 3;

    private readonly ConcurrentDictionary<(int Id, int Size), int> _out = new();

    private long _seen;

    /// <summary>How often an array was rented: a watch that sees none would never complain.</summary>
    public long Seen => Interlocked.Read(ref _seen);

    /// <summary>Arrays that are rented, of those that were rented since the watch began.</summary>
    public int Outstanding => _out.Values.Where(count => count > 0).Sum();

    /// <summary>Their sizes, each with how many there are.</summary>
    public string Describe() =>
        string.Join(
            ", ",
            _out.Where(entry => entry.Value > 0)
                .GroupBy(entry => entry.Key.Size)
                .OrderByDescending(group => group.Count())
                .Select(group => $"{group.Sum(entry => entry.Value)} of {group.Key} bytes")
        );

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "System.Buffers.ArrayPoolEventSource")
            EnableEvents(eventSource, EventLevel.Verbose);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId is not (Rented or Returned) || eventData.Payload is not { } payload)
            return;
        // Both events begin with the array's identity and its length.
        var key = ((int)payload[0]!, (int)payload[1]!);
        if (eventData.EventId == Rented)
        {
            Interlocked.Increment(ref _seen);
            _out.AddOrUpdate(key, 1, static (_, count) => count + 1);
        }
        else
        {
            // What was rented before the watch began is none of its business. An array is told as given back after another thread could
            // rent it: until it is counted, the number may change.
            while (_out.TryGetValue(key, out var count))
            {
                if (
                    count > 1
                        ? _out.TryUpdate(key, count - 1, count)
                        : _out.TryRemove(KeyValuePair.Create(key, count))
                )
                    break;
            }
        }
    }
}
