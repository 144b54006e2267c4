namespace OrleansMl.Contracts.Trust;

/// <summary>The HTTP answer to a change of a key.</summary>
public sealed record ApiKeyAnswer
{
    /// <summary>The key.</summary>
    public required ApiKeySnapshot Key { get; init; }

    /// <summary>The key's whole text, shown this once; null for a revocation and for a repeated command.</summary>
    public string? Secret { get; init; }

    /// <summary>Silos where the change holds already.</summary>
    public IReadOnlyList<string> Confirmed { get; init; } = [];

    /// <summary>Silos that have not confirmed it; see <see cref="WithinSeconds"/>.</summary>
    public IReadOnlyList<string> Unconfirmed { get; init; } = [];

    /// <summary>Seconds after which no unconfirmed silo can act by the old keys any more.</summary>
    public double WithinSeconds { get; init; }
}
