using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Contracts.Trust;

/// <summary>The HTTP ask for a new key.</summary>
public sealed record ApiKeyRequest
{
    /// <summary>Its name: 1 to 100 lower-case letters, digits, <c>.</c>, <c>_</c>, <c>-</c>; no other living key has it.</summary>
    public required string Name { get; init; }

    /// <summary>Its roles, at least one.</summary>
    public required IReadOnlyList<AccessRole> Roles { get; init; }

    /// <summary>The models that it may touch, <c>*</c> for any characters. Default: all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>When it expires. Default: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What it may use. Default: the cluster's default.</summary>
    public LimitPolicy? Limits { get; init; }

    /// <summary>Chosen by the caller: a repetition makes no second key; its answer has no secret.</summary>
    public string? CommandId { get; init; }
}
