namespace OrleansMl.Core.Trust;

/// <summary>A token whose signature was found good.</summary>
public sealed class VerifiedToken(ClusterTokenClaims claims, int generation)
{
    /// <summary>What it says.</summary>
    public ClusterTokenClaims Claims { get; } = claims;

    /// <summary>The models that it may touch.</summary>
    public ModelPatterns Models { get; } = new(claims.Models);

    /// <summary>The generation of the keys under which it was checked.</summary>
    internal int Generation { get; } = generation;
}
