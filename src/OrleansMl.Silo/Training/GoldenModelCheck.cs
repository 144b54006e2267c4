using OrleansMl.Core.Serving;
using OrleansMl.Core.Training;
using OrleansMl.Core.Training.Workers;

namespace OrleansMl.Silo.Training;

/// <summary>Loads the exported model in the engine that will serve it and compares its outputs with the trained network's own.</summary>
internal sealed partial class GoldenModelCheck(
    IInferenceEngine engine,
    ILogger<GoldenModelCheck> logger
) : ITrainedModelCheck
{
    /// <inheritdoc/>
    public Task VerifyAsync(TrainingOutcome outcome, CancellationToken cancellationToken) =>
        // Loading a model takes seconds for a large one: a thread of its own, not the pool's.
        Task.Factory.StartNew(
            () => Verify(outcome),
            cancellationToken,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default
        );

    private void Verify(TrainingOutcome outcome)
    {
        var signature =
            outcome.Signature
            ?? throw new WorkerProtocolException("The worker's outcome lacks a signature.");
        var sample = GoldenSample.Read(outcome.GoldenPath);
        using var session = engine.Load(outcome.OnnxPath, signature);
        var difference = GoldenCheck.Verify(session, sample);
        LogVerified(sample.Inputs[0].Shape[0], difference);
    }

    [LoggerMessage(
        LogLevel.Information,
        "The exported model gives what the trained one gave on {Rows} rows, within {Difference:E1}"
    )]
    private partial void LogVerified(long rows, double difference);
}
