namespace OrleansMl.Core.Trust;

/// <summary>How silos tell calls of their own from calls of Orleans clients.</summary>
public enum GrainCallCheck
{
    /// <summary><see cref="Check"/>, but <see cref="Off"/> for a silo on loopback that has neither API keys nor issuers nor <c>Security:ClusterTls</c>: one developer's machine.</summary>
    Auto,

    /// <summary>Whoever reaches a port of Orleans may call every grain.</summary>
    Off,

    /// <summary>Silos show their proof but ask for none: the step between <see cref="Off"/> and <see cref="Check"/> of a cluster that is restarted silo by silo.</summary>
    Prove,

    /// <summary>A call without a silo's proof needs a token that permits it.</summary>
    Check,
}
