namespace OrleansMl.Contracts.Trust.Tls;

/// <summary>What a cluster's certificate is for, as an organizational unit (OU) of its subject.</summary>
public static class CertificateRoles
{
    /// <summary>A silo: may join the cluster and speak for it.</summary>
    public const string Silo = "silo";

    /// <summary>An app outside the silos: may connect to the port for clients, and call what its token allows.</summary>
    public const string Client = "client";
}
