namespace OrleansMl.Contracts.Serving.Events;

/// <summary>An event that a group could not consume.</summary>
public sealed record DeadLetter
{
    /// <summary>Its id in the group: <c>PARTITION-POSITION</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The event.</summary>
    public required EventRecord Event { get; init; }

    /// <summary>Failed tries.</summary>
    public required int Tries { get; init; }

    /// <summary>Why the last one failed.</summary>
    public required string Error { get; init; }

    /// <summary>When it was given up.</summary>
    public required DateTimeOffset DeadAt { get; init; }

    /// <summary>It is to be tried again.</summary>
    public bool Retrying { get; init; }
}
