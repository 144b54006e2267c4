using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Workers;
using OrleansMl.Silo.Operations;
using Polly;

namespace OrleansMl.Silo.Training;

/// <summary>
/// Tells the run what its attempt does, each time with the attempt's number, and again until it is accepted. Bytes are
/// durable in the artifact store before the run hears of them.
/// </summary>
internal sealed partial class AttemptReporter
{
    private readonly SupervisorServices _services;
    private readonly TrainingRunId _run;
    private readonly int _attempt;
    private readonly ITrainingRunGrain _grain;
    private readonly ResiliencePipeline _retry;
    private readonly ILogger _logger;

    public AttemptReporter(SupervisorServices services, AttemptAssignment assignment)
    {
        _services = services;
        _logger = services.Logger;
        _run = assignment.Run;
        _attempt = assignment.Attempt;
        _grain = services.Runs.Get(_run);
        _retry = ReportRetry.Create(
            TimeSpan.FromSeconds(services.Options.ReportPatienceSeconds),
            services.Time,
            (number, e) => LogRetry(_run, _attempt, number + 1, e.Message)
        );
    }

    /// <summary>Tells all that comes into the mailbox, until it is completed and empty or the run wants no more.</summary>
    public async Task<AttemptDirective> PumpAsync(
        AttemptMailbox mailbox,
        Action<AttemptDirective> onDirective,
        CancellationToken cancellationToken
    )
    {
        var directive = AttemptDirective.Continue;
        while (await mailbox.TakeAsync(cancellationToken) is { } batch)
        {
            directive = await TellAsync(batch, cancellationToken);
            if (directive != AttemptDirective.Continue)
                onDirective(directive);
            if (directive == AttemptDirective.Stale)
                return directive;
        }
        return directive;
    }

    /// <summary>Stores the model's files and delivers the result.</summary>
    public async Task<AttemptDirective> CompleteAsync(
        TrainingOutcome outcome,
        CancellationToken cancellationToken
    )
    {
        var onnx = await PutAsync(outcome.OnnxPath, cancellationToken);
        var weights = await PutAsync(outcome.WeightsPath, cancellationToken);
        var golden =
            outcome.GoldenPath.Length == 0
                ? null
                : await PutAsync(outcome.GoldenPath, cancellationToken);
        var result = new AttemptResult
        {
            Attempt = _attempt,
            Onnx = onnx.Id,
            Weights = weights.Id,
            Signature =
                outcome.Signature
                ?? throw new WorkerProtocolException("The worker's outcome lacks a signature."),
            Evaluations = outcome.Evaluations,
            Progress =
                outcome.Progress
                ?? throw new WorkerProtocolException("The worker's outcome lacks its progress."),
            TrainingSeconds = outcome.TrainingSeconds,
            Golden = golden?.Id,
        };
        var directive = await CallAsync(
            token => _grain.CompleteAsync(result, token),
            cancellationToken
        );
        LogCompleted(_run, _attempt, onnx.Id, weights.Id, directive);
        return directive;
    }

    /// <summary>Tells that the attempt ended without a model.</summary>
    public async Task EndAsync(
        AttemptOutcome outcome,
        string error,
        IReadOnlyList<string> logTail,
        CancellationToken cancellationToken
    )
    {
        var end = new AttemptEnd
        {
            Attempt = _attempt,
            Outcome = outcome,
            Error = error,
            LogTail = logTail,
        };
        await _retry.ExecuteAsync(
            async token => await _grain.EndAttemptAsync(end, token),
            cancellationToken
        );
    }

    /// <summary>Gets an artifact as a local file, with the same patience.</summary>
    public async Task<IArtifactLease> AcquireAsync(
        ArtifactId id,
        CancellationToken cancellationToken
    ) =>
        await _retry.ExecuteAsync(
            async token => await _services.Local.AcquireAsync(id, token),
            cancellationToken
        );

    private async Task<AttemptDirective> TellAsync(
        AttemptMailbox.Batch batch,
        CancellationToken cancellationToken
    )
    {
        var directive = AttemptDirective.Continue;
        if (batch.Progress is { } progress)
        {
            var report = new AttemptReport
            {
                Attempt = _attempt,
                Progress = progress,
                Points = batch.Points,
            };
            directive = await CallAsync(
                token => _grain.ReportAsync(report, token),
                cancellationToken
            );
        }
        if (batch.Checkpoint is { } checkpoint && directive != AttemptDirective.Stale)
            directive = await StoreAsync(checkpoint, cancellationToken);
        return directive;
    }

    private async Task<AttemptDirective> StoreAsync(
        WorkerCheckpoint checkpoint,
        CancellationToken cancellationToken
    )
    {
        var started = _services.Time.GetTimestamp();
        var info = await PutAsync(checkpoint.Path, cancellationToken);
        var reference = new CheckpointReference
        {
            Artifact = info.Id,
            Step = checkpoint.Step,
            Bytes = info.Bytes,
            CreatedAt = _services.Time.GetUtcNow(),
        };
        var directive = await CallAsync(
            token => _grain.ReportCheckpointAsync(_attempt, reference, token),
            cancellationToken
        );
        File.Delete(checkpoint.Path);
        SiloTelemetry.CheckpointBytes.Add(info.Bytes);
        SiloTelemetry.CheckpointSeconds.Record(_services.Time.GetElapsedTime(started).TotalSeconds);
        LogCheckpoint(_run, _attempt, checkpoint.Step, info.Id, directive);
        return directive;
    }

    private async Task<ArtifactInfo> PutAsync(string path, CancellationToken cancellationToken) =>
        await _retry.ExecuteAsync(
            async token =>
            {
                await using var file = File.OpenRead(path);
                return await _services.Store.PutAsync(file, token);
            },
            cancellationToken
        );

    private async Task<AttemptDirective> CallAsync(
        Func<CancellationToken, Task<AttemptDirective>> call,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await _retry.ExecuteAsync(async token => await call(token), cancellationToken);
        }
        catch (Contracts.StaleAttemptException)
        {
            return AttemptDirective.Stale;
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "Run {Run}, attempt {Attempt}: a report failed, try {Try} follows: {Error}"
    )]
    private partial void LogRetry(TrainingRunId run, int attempt, int @try, string error);

    [LoggerMessage(
        LogLevel.Information,
        "Run {Run}, attempt {Attempt}: checkpoint of step {Step} is {Artifact}: {Directive}"
    )]
    private partial void LogCheckpoint(
        TrainingRunId run,
        int attempt,
        long step,
        ArtifactId artifact,
        AttemptDirective directive
    );

    [LoggerMessage(
        LogLevel.Information,
        "Run {Run}, attempt {Attempt}: delivered model {Onnx} with weights {Weights}: {Directive}"
    )]
    private partial void LogCompleted(
        TrainingRunId run,
        int attempt,
        ArtifactId onnx,
        ArtifactId weights,
        AttemptDirective directive
    );
}
