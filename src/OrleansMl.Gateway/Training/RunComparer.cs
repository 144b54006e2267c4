using OrleansMl.Contracts.Training;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Training;

/// <summary>Puts runs beside each other, where their scores mean the same.</summary>
internal static class RunComparer
{
    /// <exception cref="RequestException">The runs scored other rows than each other; the message says which.</exception>
    public static RunComparison Compare(IReadOnlyList<TrainingRunSnapshot> runs, string split)
    {
        var datasets = runs.GroupBy(run => run.Spec.Dataset).ToList();
        if (datasets.Count > 1)
            throw RequestException.NotComparable(
                $"The runs used different dataset versions: {string.Join("; ", datasets.Select(group => $"{group.Key}: {string.Join(", ", group.Select(run => run.Id))}"))}."
            );
        var scored = runs.Select(run =>
                (Run: run, Score: run.Evaluations.FirstOrDefault(e => e.Split == split))
            )
            .ToList();
        var unscored = scored.Where(item => item.Score is null).ToList();
        if (unscored.Count > 0)
            throw RequestException.NotComparable(
                $"Not scored on the split '{split}': {string.Join("; ", unscored.Select(item => $"{item.Run.Id} ({item.Run.Phase}, scored on {Splits(item.Run)})"))}."
            );
        // The same split of the same version has the same rows, unless a run passed over some.
        var sizes = scored.GroupBy(item => item.Score!.Examples).ToList();
        if (sizes.Count > 1)
            throw RequestException.NotComparable(
                $"The runs scored different numbers of rows of '{split}': {string.Join("; ", sizes.Select(group => $"{group.Key}: {string.Join(", ", group.Select(item => item.Run.Id))}"))}."
            );
        return new RunComparison
        {
            Split = split,
            Dataset = datasets[0].Key,
            Runs =
            [
                .. scored.Select(item => new ComparedRun
                {
                    Id = item.Run.Id,
                    Name = item.Run.Spec.Name,
                    Model = item.Run.Spec.Model,
                    Version = item.Run.Version,
                    Phase = item.Run.Phase,
                    Examples = item.Score!.Examples,
                    TrainingSeconds = item.Run.TrainingSeconds,
                    Metrics = item.Score.Metrics,
                }),
            ],
        };
    }

    private static string Splits(TrainingRunSnapshot run) =>
        run.Evaluations.Count == 0
            ? "none"
            : string.Join(", ", run.Evaluations.Select(evaluation => evaluation.Split));
}
