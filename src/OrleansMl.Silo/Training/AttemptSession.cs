using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Workers;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Silo.Training;

/// <summary>
/// One attempt on one slot: fetches its data, runs a worker process for it, watches that, passes on what it says, and
/// delivers the end. The first verdict stands; a worker's own last message comes second.
/// </summary>
internal sealed partial class AttemptSession : IDisposable
{
    private readonly SupervisorServices _services;
    private readonly WorkerOptions _options;
    private readonly string _slot;
    private readonly string _device;
    private readonly AttemptReporter _reporter;
    private readonly AttemptMailbox _mailbox;
    private readonly CancellationTokenSource _kill = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly TaskCompletionSource _workerEnded = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly Lock _lock = new();
    private readonly ILogger _logger;
    private WorkerChannel? _channel;
    private AttemptVerdict? _verdict;
    private bool _disposed;
    private WorkerMessage? _last;
    private IReadOnlyList<string> _logTail = [];

    public AttemptSession(
        SupervisorServices services,
        string slot,
        string device,
        AttemptAssignment assignment
    )
    {
        _services = services;
        _options = services.Options;
        _logger = services.Logger;
        _slot = slot;
        _device = device;
        Assignment = assignment;
        _reporter = new AttemptReporter(services, assignment);
        _mailbox = new AttemptMailbox(
            _options.MaxPendingPoints,
            superseded => File.Delete(superseded.Path)
        );
    }

    /// <summary>What it works on.</summary>
    public AttemptAssignment Assignment { get; }

    /// <summary>Ends when no worker process of it is left; the slot's device is free then.</summary>
    public Task WorkerEnded => _workerEnded.Task;

    /// <summary>Runs the attempt to its end; never throws.</summary>
    public async Task RunAsync(Task deviceFree)
    {
        using var activity = SiloTelemetry.Activities.StartActivity("attempt");
        activity?.SetTag("oml.run", Assignment.Run.Value);
        activity?.SetTag("oml.attempt", Assignment.Attempt);
        var scratch = _services.Directories.CreateScratch(Assignment.Run.Value, Assignment.Attempt);
        AttemptOutcome outcome;
        try
        {
            var reports = ReportAsync();
            try
            {
                await deviceFree;
                await RunWorkerAsync(scratch, reports);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogBroken(e, Assignment.Run, Assignment.Attempt);
                SetVerdict(
                    new AttemptVerdict(
                        e is InvalidInputException
                            ? AttemptOutcome.InvalidInput
                            : AttemptOutcome.Error,
                        $"{e.GetType().Name}: {e.Message}"
                    )
                );
            }
            catch (OperationCanceledException)
            {
                SetVerdict(AttemptVerdict.SiloLeft);
            }
            _mailbox.Complete();
            _workerEnded.TrySetResult();
            outcome = await DeliverAsync(reports);
        }
        catch (Exception e)
        {
            // The run finds out by itself: the slot no longer names it, so its lease is lost.
            LogUndelivered(e, Assignment.Run, Assignment.Attempt);
            outcome = AttemptOutcome.LeaseLost;
        }
        finally
        {
            _workerEnded.TrySetResult();
            DeleteScratch(scratch);
        }
        activity?.SetTag("oml.outcome", outcome.ToString());
        SiloTelemetry.Attempts.Add(
            1,
            new KeyValuePair<string, object?>("outcome", outcome.ToString())
        );
        LogEnded(Assignment.Run, Assignment.Attempt, _slot, outcome);
    }

    /// <summary>Asks the worker to stop, and kills it when it does not.</summary>
    public void RequestStop(AttemptVerdict verdict)
    {
        if (!SendSoon(new StopTraining()))
        {
            Kill(verdict);
            return;
        }
        SetVerdict(verdict);
        lock (_lock)
        {
            if (!_disposed)
                _kill.CancelAfter(TimeSpan.FromSeconds(_options.StopTimeoutSeconds));
        }
    }

    /// <summary>Asks the worker for a checkpoint and to stop.</summary>
    public void RequestHandOver()
    {
        if (!SendSoon(new HandOverTraining()))
            Kill(
                new AttemptVerdict(
                    AttemptOutcome.HandedOver,
                    "The silo left before the worker had started."
                )
            );
    }

    /// <summary>Kills the worker now.</summary>
    public void Kill(AttemptVerdict verdict)
    {
        SetVerdict(verdict);
        Cancel(_kill);
    }

    /// <summary>Kills the worker and gives up what was not reported yet.</summary>
    public void Abandon(AttemptVerdict verdict)
    {
        Kill(verdict);
        Cancel(_abandon);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _kill.Dispose();
            _abandon.Dispose();
        }
    }

    private async Task<AttemptDirective> ReportAsync()
    {
        try
        {
            return await _reporter.PumpAsync(_mailbox, Obey, _abandon.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogBroken(e, Assignment.Run, Assignment.Attempt);
            Kill(
                new AttemptVerdict(
                    AttemptOutcome.Error,
                    $"The worker's reports could not be delivered: {e.GetType().Name}: {e.Message}"
                )
            );
            return AttemptDirective.Continue;
        }
    }

    private async Task<AttemptOutcome> DeliverAsync(Task<AttemptDirective> reports)
    {
        if (await reports == AttemptDirective.Stale || _verdict is { Tell: false })
            return AttemptOutcome.LeaseLost;
        if (_last is WorkerCompleted { Outcome: { HandedOver: false } outcome })
        {
            if (await CheckAsync(outcome) is { } refused)
                return await EndAsync(refused);
            var directive = await _reporter.CompleteAsync(outcome, _abandon.Token);
            if (directive == AttemptDirective.Continue)
                return AttemptOutcome.Succeeded;
            if (directive == AttemptDirective.Stale)
                return AttemptOutcome.LeaseLost;
            SetVerdict(AttemptVerdict.Cancelled);
        }
        return await EndAsync(_verdict ?? Judge(_last));
    }

    private async Task<AttemptOutcome> EndAsync(AttemptVerdict end)
    {
        await _reporter.EndAsync(end.Outcome, end.Error, _logTail, _abandon.Token);
        return end.Outcome;
    }

    /// <summary>Why the model must not be registered, or null.</summary>
    private async Task<AttemptVerdict?> CheckAsync(TrainingOutcome outcome)
    {
        try
        {
            await _services.ModelCheck.VerifyAsync(outcome, _abandon.Token);
            return null;
        }
        catch (InvalidInputException e)
        {
            return new AttemptVerdict(AttemptOutcome.InvalidInput, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogBroken(e, Assignment.Run, Assignment.Attempt);
            return new AttemptVerdict(
                AttemptOutcome.Error,
                $"The trained model could not be checked: {e.GetType().Name}: {e.Message}"
            );
        }
    }

    private static AttemptVerdict Judge(WorkerMessage? last) =>
        last switch
        {
            WorkerCompleted => new AttemptVerdict(AttemptOutcome.HandedOver, ""),
            WorkerFailed { Kind: WorkerFailureKind.InvalidInput } failed => new AttemptVerdict(
                AttemptOutcome.InvalidInput,
                failed.Message
            ),
            WorkerFailed failed => new AttemptVerdict(AttemptOutcome.Error, failed.Message),
            _ => new AttemptVerdict(
                AttemptOutcome.Crashed,
                "The worker process ended without a result."
            ),
        };

    private void Obey(AttemptDirective directive)
    {
        if (directive == AttemptDirective.Stale)
            Kill(AttemptVerdict.Stale);
        else
            RequestStop(AttemptVerdict.Cancelled);
    }

    private void SetVerdict(AttemptVerdict verdict)
    {
        lock (_lock)
            _verdict ??= verdict;
    }

    private void Cancel(CancellationTokenSource source)
    {
        lock (_lock)
        {
            if (!_disposed)
                source.Cancel();
        }
    }

    private void DeleteScratch(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The silo's next start removes what is left.
            LogScratchLeft(path, e.Message);
        }
    }

    private bool SendSoon(WorkerMessage message)
    {
        WorkerChannel? channel;
        lock (_lock)
            channel = _channel;
        if (channel is null)
            return false;
        _ = SendAsync(channel, message);
        return true;
    }

    private async Task SendAsync(WorkerChannel channel, WorkerMessage message)
    {
        try
        {
            await channel.SendAsync(message, _kill.Token);
        }
        catch (Exception e)
            when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            LogUnsent(message.GetType().Name, Assignment.Run, Assignment.Attempt, e.Message);
        }
    }
}
