using OrleansMl.Contracts.Models;

namespace OrleansMl.Grains.Serving.Residency;

/// <summary>What a serving silo has and how busy it is.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ServingReport")]
internal sealed record ServingReport
{
    [Id(0)]
    public required long Revision { get; init; }

    /// <summary>Versions that answer without a load; null: as at the revision that was asked with.</summary>
    [Id(1)]
    public IReadOnlyList<ModelVersionId>? Warm { get; init; }

    /// <summary>Calls that wait.</summary>
    [Id(2)]
    public required int Waiting { get; init; }
}
