namespace OrleansMl.Core.Serving.Batching;

/// <summary>A call that waits. Times are timestamps of the one clock.</summary>
public interface IBatchItem
{
    /// <summary>Its rows, at least 1.</summary>
    int Rows { get; }

    /// <summary>What it can share a run with.</summary>
    BatchGroup Group { get; }

    /// <summary>Its level, 1 the highest.</summary>
    int Priority { get; }

    /// <summary>When it came.</summary>
    long ArrivedAt { get; }

    /// <summary>When it is too late to begin it; <see cref="long.MaxValue"/>: never.</summary>
    long Deadline { get; }

    /// <summary>Takes it from its caller, who can't give it up from then on; false when he did before.</summary>
    bool TryTake();
}
