using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Grains.Serving.Limits;

/// <summary>What a limit keeps.</summary>
[GenerateSerializer]
[Alias("oml.LimitState")]
internal sealed record LimitState
{
    [Id(0)]
    public UsageLedger Ledger { get; init; } = new();
}
