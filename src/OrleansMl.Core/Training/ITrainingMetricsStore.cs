using OrleansMl.Contracts.Training;

namespace OrleansMl.Core.Training;

/// <summary>
/// The metric points of runs, apart from their state because they are many. Fenced by itself: a grain activation that
/// outlived its silo's lease can't write through it.
/// </summary>
public interface ITrainingMetricsStore
{
    /// <summary>Raises a run's fence to a new attempt and drops the points past the step that it resumes from.</summary>
    /// <exception cref="Contracts.StaleAttemptException">A newer attempt has begun already.</exception>
    Task BeginAttemptAsync(
        TrainingRunId run,
        int attempt,
        long resumeStep,
        CancellationToken cancellationToken
    );

    /// <summary>Appends points; a point of the same series and step is replaced.</summary>
    /// <exception cref="Contracts.StaleAttemptException">A newer attempt has begun: nothing was written.</exception>
    Task AppendAsync(
        TrainingRunId run,
        int attempt,
        IReadOnlyList<MetricPoint> points,
        CancellationToken cancellationToken
    );

    /// <summary>A run's points of a series (null: all), by step, at most <paramref name="limit"/> evenly thinned.</summary>
    Task<IReadOnlyList<MetricPoint>> ReadAsync(
        TrainingRunId run,
        string? series,
        int limit,
        CancellationToken cancellationToken
    );
}
