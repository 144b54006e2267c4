namespace OrleansMl.Contracts.Trust;

/// <summary>What travels with a grain call in Orleans' request context.</summary>
public static class GrainCallHeaders
{
    /// <summary>A client's token, as <c>POST /api/v1/cluster-tokens</c> gave it.</summary>
    public const string Token = "oml.token";

    /// <summary>What a silo shows to the others: a secret of the cluster that never leaves the silos.</summary>
    public const string Proof = "oml.proof";
}
