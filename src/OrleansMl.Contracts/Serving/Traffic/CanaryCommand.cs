namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>The ask to do something with a canary.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.CanaryCommand")]
public sealed record CanaryCommand
{
    /// <summary>Chosen by the caller: the same id does nothing again.</summary>
    [Id(0)]
    public required string CommandId { get; init; }

    /// <summary>What.</summary>
    [Id(1)]
    public required CanaryAction Action { get; init; }

    /// <summary>Why.</summary>
    [Id(2)]
    public string Reason { get; init; } = "";

    /// <summary>Who.</summary>
    [Id(3)]
    public string By { get; init; } = "";
}
