using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Training;

internal sealed class MemoryMetricsStore(FaultPlan faults) : ITrainingMetricsStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TrainingRunId, int> _fences = [];
    private readonly Dictionary<
        TrainingRunId,
        SortedDictionary<(long, string), MetricPoint>
    > _points = [];

    public int Fence(string run)
    {
        lock (_gate)
            return _fences.GetValueOrDefault(new TrainingRunId(run));
    }

    public Task BeginAttemptAsync(
        TrainingRunId run,
        int attempt,
        long resumeStep,
        CancellationToken cancellationToken
    ) =>
        faults.ApplyAsync(
            $"fence {run}",
            () =>
            {
                lock (_gate)
                {
                    if (_fences.GetValueOrDefault(run) > attempt)
                        throw new StaleAttemptException($"{run} is past attempt {attempt}");
                    _fences[run] = attempt;
                    if (_points.TryGetValue(run, out var points))
                    {
                        foreach (var key in points.Keys.Where(k => k.Item1 > resumeStep).ToList())
                            points.Remove(key);
                    }
                }
                return Task.CompletedTask;
            }
        );

    public Task AppendAsync(
        TrainingRunId run,
        int attempt,
        IReadOnlyList<MetricPoint> points,
        CancellationToken cancellationToken
    ) =>
        faults.ApplyAsync(
            $"points {run}",
            () =>
            {
                lock (_gate)
                {
                    if (_fences.GetValueOrDefault(run) != attempt)
                        throw new StaleAttemptException($"{run} is not at attempt {attempt}");
                    if (!_points.TryGetValue(run, out var all))
                        _points[run] = all = [];
                    foreach (var point in points)
                        all[(point.Step, point.Series)] = point;
                }
                return Task.CompletedTask;
            }
        );

    public Task<IReadOnlyList<MetricPoint>> ReadAsync(
        TrainingRunId run,
        string? series,
        int limit,
        CancellationToken cancellationToken
    )
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<MetricPoint>>(
                _points.TryGetValue(run, out var points)
                    ?
                    [
                        .. points
                            .Values.Where(p => series is null || p.Series == series)
                            .Take(limit),
                    ]
                    : []
            );
    }
}
