namespace OrleansMl.Core.Serving.Batching;

/// <summary>
/// The requests that a thread that watches sockets found at one look. What each asks for may wait until all of them are read, to be done
/// together by that thread. Of one thread at a time.
/// </summary>
public sealed class RequestBurst
{
    [ThreadStatic]
    private static RequestBurst? _current;

    private readonly List<IBurstWork> _work = [];

    /// <summary>The one that this thread reads; null: none, so that nobody else is to be waited for.</summary>
    public static RequestBurst? Current => _current;

    /// <summary>What is to be done at its end.</summary>
    public IReadOnlyList<IBurstWork> Work => _work;

    /// <summary>Begins to read.</summary>
    public void Begin() => _current = this;

    /// <summary>Leaves work to its end.</summary>
    public void Add(IBurstWork work) => _work.Add(work);

    /// <summary>Ends it, and does what was left to its end. What comes of that is not waited for again.</summary>
    /// <exception cref="InvalidOperationException">This thread did not begin it. The one that did would wait for ever.</exception>
    public void End()
    {
        if (_current != this)
            throw new InvalidOperationException(
                "A burst ends on the thread that began it, with nothing awaited in between."
            );
        _current = null;
        try
        {
            // None throws: who asked is told.
            foreach (var work in _work)
                work.Run();
        }
        finally
        {
            _work.Clear();
        }
    }
}
