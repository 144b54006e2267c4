namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>What a version's governed calls came to, summed.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ArmTally")]
public sealed record ArmTally
{
    /// <summary>The version.</summary>
    [Id(0)]
    public required int Version { get; init; }

    /// <summary>Calls that it answered or failed; a call with wrong input, or one that its caller gave up, counts for neither.</summary>
    [Id(1)]
    public long Requests { get; init; }

    /// <summary>Of these, those that failed.</summary>
    [Id(2)]
    public long Errors { get; init; }

    /// <summary>The sum of the answered calls' times, in seconds.</summary>
    [Id(3)]
    public double Seconds { get; init; }

    /// <summary>The sum of their squares, in seconds².</summary>
    [Id(4)]
    public double SquaredSeconds { get; init; }

    /// <summary>The answered calls by time: bucket i holds times of 2^(i/4) to 2^((i+1)/4) microseconds, the first also shorter, the last also longer. Empty: none.</summary>
    [Id(5)]
    public IReadOnlyList<long> Latencies { get; init; } = [];
}
