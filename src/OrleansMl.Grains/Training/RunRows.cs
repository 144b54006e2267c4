using OrleansMl.Contracts.Training;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Training;

/// <summary>A run's row of the catalogue.</summary>
internal static class RunRows
{
    private const int ErrorLength = 500;

    /// <summary>Statuses of runs that have not ended.</summary>
    public static IReadOnlyCollection<string> ActiveStatuses { get; } =
    [
        Status(TrainingRunPhase.Queued),
        Status(TrainingRunPhase.Running),
        Status(TrainingRunPhase.Registering),
    ];

    /// <summary>A phase as a status: its name.</summary>
    public static string Status(TrainingRunPhase phase) => phase.ToString();

    public static CatalogEntry Of(TrainingRunSnapshot run)
    {
        var (split, metrics) = HeadlineScores.Of(run.Evaluations);
        return CatalogPublisher.Row(
            CatalogKinds.TrainingRun,
            run.Id.Value,
            Status(run.Phase),
            run.SubmittedAt,
            new TrainingRunSummary
            {
                Id = run.Id,
                Name = run.Spec.Name,
                Model = run.Spec.Model,
                Dataset = run.Spec.Dataset,
                Accelerator = run.Spec.Accelerator,
                Phase = run.Phase,
                Attempt = run.Attempt,
                Progress = run.Progress,
                SubmittedAt = run.SubmittedAt,
                StartedAt = run.StartedAt,
                EndedAt = run.EndedAt,
                TrainingSeconds = run.TrainingSeconds,
                Version = run.Version,
                Promoted = run.Promotion?.Promoted,
                Split = split,
                Metrics = metrics,
                Error = run.Error is { Length: > ErrorLength } error
                    ? error[..ErrorLength]
                    : run.Error,
                CancelRequested = run.CancelRequested,
            }
        );
    }
}
