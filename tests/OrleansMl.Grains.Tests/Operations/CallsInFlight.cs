namespace OrleansMl.Grains.Tests.Operations;

/// <summary>Counts the silos' grain calls under way, so that a test lets its clock run only when nothing is on its way.</summary>
internal sealed class CallsInFlight : IOutgoingGrainCallFilter
{
    private readonly Lock _gate = new();
    private int _calls;
    private TaskCompletionSource? _quiet;

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        lock (_gate)
            _calls++;
        try
        {
            await context.Invoke();
        }
        finally
        {
            TaskCompletionSource? quiet = null;
            lock (_gate)
            {
                if (--_calls == 0)
                    (quiet, _quiet) = (_quiet, null);
            }
            quiet?.TrySetResult();
        }
    }

    /// <summary>Ends when no call is under way.</summary>
    public Task QuietAsync()
    {
        lock (_gate)
        {
            if (_calls == 0)
                return Task.CompletedTask;
            _quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _quiet.Task;
        }
    }
}
