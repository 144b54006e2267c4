using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Contracts.Trust;

/// <summary>An API key as readers see it: never its secret.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ApiKeySnapshot")]
public sealed record ApiKeySnapshot
{
    /// <summary>Its id, the eight characters after <c>oml_</c> in the key.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>Its name, which stands in histories and the audit log as who asked.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>Its roles.</summary>
    [Id(2)]
    public required IReadOnlyList<AccessRole> Roles { get; init; }

    /// <summary>The models that it may touch: names, with <c>*</c> for any characters.</summary>
    [Id(3)]
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>When it was made.</summary>
    [Id(4)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who made it.</summary>
    [Id(5)]
    public string CreatedBy { get; init; } = "";

    /// <summary>From when on it is refused; null: never.</summary>
    [Id(6)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When its secret was last replaced.</summary>
    [Id(7)]
    public DateTimeOffset? RotatedAt { get; init; }

    /// <summary>Until when the secret before that is still taken.</summary>
    [Id(8)]
    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>When it was revoked; null: it was not.</summary>
    [Id(9)]
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>What it may use; null: the cluster's default.</summary>
    [Id(10)]
    public LimitPolicy? Limits { get; init; }
}
