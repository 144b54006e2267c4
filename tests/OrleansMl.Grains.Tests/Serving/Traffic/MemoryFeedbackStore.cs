using System.Collections.Concurrent;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Traffic;

/// <summary>Outcomes in memory, failing by plan.</summary>
internal sealed class MemoryFeedbackStore(FaultPlan faults) : IFeedbackStore
{
    private readonly ConcurrentDictionary<(string Model, string Id), FeedbackEntry> _rows = new();

    public async Task<int> RecordAsync(
        string model,
        IReadOnlyList<FeedbackEntry> outcomes,
        CancellationToken cancellationToken
    )
    {
        var added = 0;
        await faults.ApplyAsync(
            $"feedback {model}",
            () =>
            {
                added = outcomes.Count(outcome => _rows.TryAdd((model, outcome.Id), outcome));
                return Task.CompletedTask;
            }
        );
        return added;
    }

    public Task<IReadOnlyList<OutcomeTally>> ReadAsync(
        string model,
        long experiment,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<OutcomeTally>>([
            .. _rows
                .Where(row => row.Key.Model == model && row.Value.Experiment == experiment)
                .GroupBy(row => row.Value.Version)
                .OrderBy(rows => rows.Key)
                .Select(rows => new OutcomeTally
                {
                    Version = rows.Key,
                    Count = rows.Count(),
                    Sum = rows.Sum(row => row.Value.Value),
                    SumOfSquares = rows.Sum(row => row.Value.Value * row.Value.Value),
                }),
        ]);

    public Task ForgetAsync(
        string model,
        DateTimeOffset before,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;
}
