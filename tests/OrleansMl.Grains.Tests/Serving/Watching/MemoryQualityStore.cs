using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Watching.Quality;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Watching;

/// <summary>Predictions and their outcomes in memory, failing by plan.</summary>
internal sealed class MemoryQualityStore(FaultPlan faults) : IQualityStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Model, string Id, int Row), LoggedPrediction> _kept = [];
    private readonly Dictionary<(string Model, string Id, int Row), TrueOutcome> _told = [];
    private readonly Dictionary<
        (string Model, long Begin, int Seconds, int Version, string Reference),
        QualityTally
    > _windows = [];

    public int Kept
    {
        get
        {
            lock (_gate)
                return _kept.Count;
        }
    }

    public async Task<int> AddAsync(
        string model,
        IReadOnlyList<LoggedPrediction> predictions,
        long begin,
        int seconds,
        CancellationToken cancellationToken
    )
    {
        var joined = 0;
        await faults.ApplyAsync(
            $"quality {model}",
            () =>
            {
                lock (_gate)
                {
                    foreach (var prediction in predictions)
                    {
                        var key = (model, prediction.Id, prediction.Row);
                        if (!_kept.TryAdd(key, prediction))
                            continue;
                        if (_told.TryGetValue(key, out var outcome))
                            joined += Count(model, begin, seconds, prediction, outcome) ? 1 : 0;
                    }
                }
                return Task.CompletedTask;
            }
        );
        return joined;
    }

    public async Task<JoinResult> JoinAsync(
        string model,
        IReadOnlyList<TrueOutcome> outcomes,
        long begin,
        int seconds,
        DateTimeOffset young,
        CancellationToken cancellationToken
    )
    {
        var (joined, repeated, unknown) = (0, 0, 0);
        await faults.ApplyAsync(
            $"quality {model}",
            () =>
            {
                lock (_gate)
                {
                    foreach (var outcome in outcomes)
                    {
                        var key = (model, outcome.Id, outcome.Row);
                        var isKept = _kept.TryGetValue(key, out var prediction);
                        if (_told.ContainsKey(key))
                            repeated++;
                        else if (isKept && Count(model, begin, seconds, prediction!, outcome))
                            joined++;
                        else if (!isKept && outcome.At >= young)
                            joined++;
                        else
                        {
                            unknown++;
                            continue;
                        }
                        _told.TryAdd(key, outcome);
                    }
                }
                return Task.CompletedTask;
            }
        );
        return new JoinResult
        {
            Joined = joined,
            Repeated = repeated,
            Unknown = unknown,
        };
    }

    public Task<IReadOnlyList<QualityWindow>> ReadAsync(
        string model,
        long from,
        int seconds,
        CancellationToken cancellationToken
    )
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<QualityWindow>>([
                .. _windows
                    .Where(w =>
                        w.Key.Model == model && w.Key.Seconds == seconds && w.Key.Begin >= from
                    )
                    .OrderBy(w => w.Key.Begin)
                    .Select(w => new QualityWindow(
                        w.Key.Version,
                        w.Key.Reference,
                        w.Key.Begin,
                        seconds,
                        w.Value
                    )),
            ]);
    }

    public Task ForgetAsync(
        string model,
        DateTimeOffset before,
        int keep,
        long windowsBefore,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    private bool Count(
        string model,
        long begin,
        int seconds,
        LoggedPrediction prediction,
        TrueOutcome outcome
    )
    {
        if (QualityTally.Of(prediction.Value, outcome.Label, outcome.Actual) is not { } tally)
            return false;
        var key = (model, begin, seconds, prediction.Version, prediction.Reference);
        _windows[key] = _windows.GetValueOrDefault(key, QualityTally.Empty) + tally;
        return true;
    }
}
