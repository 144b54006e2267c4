using OrleansMl.Contracts.Training;

namespace OrleansMl.Grains.Training;

/// <summary>Where a run stands, for the pool.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.RunStanding")]
internal sealed record RunStanding
{
    [Id(0)]
    public required TrainingRunPhase Phase { get; init; }

    [Id(1)]
    public required int Attempt { get; init; }

    [Id(2)]
    public required string Accelerator { get; init; }

    [Id(3)]
    public required IReadOnlyDictionary<string, string> RequiredLabels { get; init; }
}
