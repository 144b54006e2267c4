namespace OrleansMl.Gateway.Operations;

/// <summary>
/// Keeps what awaits under it on the thread pool. A silo completes its sockets' operations on the threads that watch them, which saves
/// inference requests a hand-over between threads; whatever may take longer than a small model goes on here instead.
/// </summary>
internal sealed class PoolContext : SynchronizationContext
{
    private static readonly PoolContext Instance = new();

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static work => Run(work.Callback, work.State),
            (Callback: d, State: state),
            preferLocal: false
        );

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) => Run(d, state);

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs work on the pool, up to its end; whoever awaits it goes on without this context.</summary>
    /// <param name="work">The work.</param>
    /// <param name="state">What it is given.</param>
    public static Task RunAsync<T>(Func<T, Task> work, T state)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadPool.QueueUserWorkItem(
            static hop => Run(static hop => _ = CompleteAsync((Hop<T>)hop!), hop),
            new Hop<T>(work, state, done),
            preferLocal: false
        );
        return done.Task;
    }

    private static async Task CompleteAsync<T>(Hop<T> hop)
    {
        try
        {
            await hop.Work(hop.State);
            hop.Done.SetResult();
        }
        catch (Exception e)
        {
            hop.Done.SetException(e);
        }
    }

    private static void Run(SendOrPostCallback callback, object? state)
    {
        var before = Current;
        SetSynchronizationContext(Instance);
        try
        {
            callback(state);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    private sealed record Hop<T>(Func<T, Task> Work, T State, TaskCompletionSource Done);
}
