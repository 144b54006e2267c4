namespace OrleansMl.Contracts.Serving.Jobs;

/// <summary>An attempt that ended without a result.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.JobFailure")]
public sealed record JobFailure
{
    /// <summary>The attempt.</summary>
    [Id(0)]
    public required int Attempt { get; init; }

    /// <summary>Why.</summary>
    [Id(1)]
    public required string Error { get; init; }

    /// <summary>Whether another attempt could go better: the model or the store was away.</summary>
    [Id(2)]
    public bool MayRetry { get; init; }

    /// <summary>It ended because it was told to stop, or its silo stops: not a failure.</summary>
    [Id(3)]
    public bool Stopped { get; init; }
}
