using OrleansMl.Contracts.Serving;

namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>A call that was applied, with its answer, for its repeats.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AppliedStep")]
internal sealed record AppliedStep
{
    /// <summary>Its place in the sequence, from 1.</summary>
    [Id(0)]
    public required long Step { get; init; }

    /// <summary>The request's id, or the hash of a long one; null: it had none.</summary>
    [Id(1)]
    public string? RequestId { get; init; }

    /// <summary>What was asked.</summary>
    [Id(2)]
    public required string Digest { get; init; }

    [Id(3)]
    public required IReadOnlyList<InferenceTensor> Outputs { get; init; }
}
