namespace OrleansMl.Contracts.Serving;

/// <summary>A model version's answer.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.InferenceResponse")]
public sealed record InferenceResponse
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>The version that answered.</summary>
    [Id(1)]
    public required int Version { get; init; }

    /// <summary>The request's.</summary>
    [Id(2)]
    public string? Id { get; init; }

    /// <summary>The outputs.</summary>
    [Id(3)]
    public required IReadOnlyList<InferenceTensor> Outputs { get; init; }
}
