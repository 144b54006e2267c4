using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>A call of a sequence on its way to where the sequence is.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.SequenceCall")]
internal sealed record SequenceCall
{
    /// <summary>The version that the sequence begins on with this call.</summary>
    [Id(0)]
    public required ModelVersionId Version { get; init; }

    [Id(1)]
    public required SequencePolicy Policy { get; init; }

    [Id(2)]
    public required InferenceRequest Request { get; init; }
}
