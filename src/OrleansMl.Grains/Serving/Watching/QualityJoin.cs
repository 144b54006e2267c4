using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Watching;
using OrleansMl.Core.Serving.Watching.Quality;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>Joins outcomes with the predictions that wait for them.</summary>
internal sealed partial class QualityJoin(
    IQualityStore store,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<QualityJoin> logger
)
{
    // A prediction that is older was written, or never will be.
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    /// <summary>Joins; null when the model's quality is not watched.</summary>
    public async Task<JoinResult?> JoinAsync(
        string model,
        WatchPolicy? watch,
        IReadOnlyList<TrueOutcome> outcomes,
        CancellationToken cancellationToken
    )
    {
        if (watch?.Quality is not { } quality || outcomes.Count == 0)
            return null;
        var now = time.GetUtcNow();
        var sampled = outcomes
            .Where(outcome => quality.Sample >= 1 || CallSampling.Draw(outcome.Id) < quality.Sample)
            .ToList();
        var result = await store.JoinAsync(
            model,
            sampled,
            QualityClock.Begin(quality, now),
            quality.WindowSeconds,
            now - Young,
            cancellationToken
        );
        if (result.Joined > 0)
            await TellAsync(model, cancellationToken);
        return result with { Unknown = result.Unknown + outcomes.Count - sampled.Count };
    }

    private async Task TellAsync(string model, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IModelWatchGrain>(model).OutcomesAsync(cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // The outcomes are durable; the next ones, or a look at the model, have their windows judged.
            LogNotTold(error, model);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Outcomes of model {Model} were joined, but its watch could not be told; the next ones tell it."
    )]
    private partial void LogNotTold(Exception error, string model);
}
