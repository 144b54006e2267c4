namespace OrleansMl.Contracts.Serving;

/// <summary>The HTTP ask to replace a model's serving policy.</summary>
public sealed record ServingPolicyRequest
{
    /// <summary>The whole new policy.</summary>
    public required ServingPolicy Policy { get; init; }

    /// <summary>When given: changed only if the policy has this revision now.</summary>
    public long? Expected { get; init; }

    /// <summary>Chosen by the caller: the same id gets the first answer again.</summary>
    public string? CommandId { get; init; }

    /// <summary>Changed even though a serving silo could not load a version that the policy routes to.</summary>
    public bool Force { get; init; }
}
