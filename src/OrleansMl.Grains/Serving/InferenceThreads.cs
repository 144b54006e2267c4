using System.Collections.Concurrent;
using OrleansMl.Contracts;

namespace OrleansMl.Grains.Serving;

/// <summary>Threads that run what takes long, so that it never holds a thread of the pool, which silos live on. Started with the first work, ended with the silo.</summary>
internal sealed class InferenceThreads(int threads, int queueLimit) : IDisposable
{
    private readonly BlockingCollection<Action> _work = new(
        new ConcurrentQueue<Action>(),
        queueLimit
    );
    private readonly Lock _gate = new();
    private bool _started;

    /// <summary>Runs work on one of the threads; work whose caller has gone by its turn is dropped.</summary>
    /// <exception cref="OverloadedException">Too much work waits.</exception>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        Start();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var taken = TryAdd(() =>
        {
            if (cancellationToken.IsCancellationRequested)
            {
                done.TrySetCanceled(cancellationToken);
                return;
            }
            try
            {
                done.TrySetResult(work());
            }
            catch (Exception error)
            {
                done.TrySetException(error);
            }
        });
        return taken
            ? done.Task
            : throw new OverloadedException(
                $"{queueLimit} calls wait for this silo's {threads} inference threads already; try again later."
            );
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _started = true;
            if (!_work.IsAddingCompleted)
                _work.CompleteAdding();
        }
    }

    private bool TryAdd(Action work)
    {
        lock (_gate)
        {
            if (_work.IsAddingCompleted)
                throw new UnavailableException("This silo is stopping; ask another.");
            return _work.TryAdd(work);
        }
    }

    private void Start()
    {
        lock (_gate)
        {
            if (_started)
                return;
            _started = true;
            for (var i = 0; i < threads; i++)
            {
                new Thread(Work) { IsBackground = true, Name = $"inference-{i}" }.Start();
            }
        }
    }

    private void Work()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }
}
