namespace OrleansMl.Contracts.Trust;

/// <summary>A change of a key that is durable, and which silos act by it already.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ApiKeyOutcome")]
public sealed record ApiKeyOutcome
{
    /// <summary>The key as it is now.</summary>
    [Id(0)]
    public required ApiKeySnapshot Key { get; init; }

    /// <summary>Whether an earlier call with the same command id had made the change: its secret was given then.</summary>
    [Id(1)]
    public bool Repeated { get; init; }

    /// <summary>Silos that confirmed the change: there it holds from now on.</summary>
    [Id(2)]
    public IReadOnlyList<string> Confirmed { get; init; } = [];

    /// <summary>Silos of the cluster that did not confirm in time: they read the keys again within the refresh time, and one that can't refuses every key of the ring once its copy is too old.</summary>
    [Id(3)]
    public IReadOnlyList<string> Unconfirmed { get; init; } = [];
}
