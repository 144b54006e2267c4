using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Core.Serving.Events;

/// <summary>The effect of consumed events and the position behind them: one transaction, all or nothing.</summary>
/// <param name="From">The position that the batch began at; null: wherever the group stands, unless past <paramref name="Next"/>.</param>
/// <param name="Next">The position behind it.</param>
public sealed record EventCommit(long? From, long Next)
{
    /// <summary>The topic that <see cref="Outputs"/> go to; null without any.</summary>
    public string? OutputTopic { get; init; }

    /// <summary>Events that are the effect.</summary>
    public IReadOnlyList<EventMessage> Outputs { get; init; } = [];

    /// <summary>Events that failed for good, of the batch or of those retried.</summary>
    public IReadOnlyList<FailedEvent> Dead { get; init; } = [];

    /// <summary>Positions of retried dead letters that are done.</summary>
    public IReadOnlyList<long> Retried { get; init; } = [];
}
