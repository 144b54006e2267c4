using System.Collections.Concurrent;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>This process's counts of governed calls, until they are reported. Thread-safe.</summary>
public sealed class TrafficCounters
{
    private readonly ConcurrentDictionary<(TrafficStage, int Version), ArmCounters> _arms = new();
    private readonly ConcurrentDictionary<
        (TrafficStage, int Version, int Shadow),
        ShadowCounters
    > _shadows = new();

    internal ArmCounters Arm(TrafficStage stage, int version) =>
        _arms.GetOrAdd((stage, version), static key => new ArmCounters(key.Version));

    internal ShadowCounters Shadow(TrafficStage stage, int version, int shadow) =>
        _shadows.GetOrAdd(
            (stage, version, shadow),
            static key => new ShadowCounters(key.Version, key.Shadow)
        );

    /// <summary>Everything counted since the last time, stage by stage.</summary>
    public IReadOnlyList<TrafficCounts> Take()
    {
        var arms = _arms.Select(pair => (Stage: pair.Key.Item1, Tally: pair.Value.Take())).ToList();
        var shadows = _shadows
            .Select(pair => (Stage: pair.Key.Item1, Tally: pair.Value.Take()))
            .ToList();
        return
        [
            .. arms.Where(arm => arm.Tally is not null)
                .Select(arm => arm.Stage)
                .Concat(shadows.Where(s => s.Tally is not null).Select(s => s.Stage))
                .Distinct()
                .Select(stage => new TrafficCounts(
                    stage,
                    [
                        .. arms.Where(a => a.Stage == stage && a.Tally is not null)
                            .Select(a => a.Tally!),
                    ],
                    [
                        .. shadows
                            .Where(s => s.Stage == stage && s.Tally is not null)
                            .Select(s => s.Tally!),
                    ]
                )),
        ];
    }
}
