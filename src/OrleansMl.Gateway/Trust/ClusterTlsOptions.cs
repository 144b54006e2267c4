namespace OrleansMl.Gateway.Trust;

/// <summary>
/// Mutual TLS on the ports of Orleans. Each side's certificate must be of the authority, valid, and have its role as the
/// subject's OU: <c>silo</c>, or <c>client</c> on the port for clients; host names are not compared. All silos of a cluster have
/// it or none. Changed files are read again before the next handshake. Section <c>Security:ClusterTls</c>.
/// </summary>
public sealed class ClusterTlsOptions
{
    /// <summary>File of this silo's certificate: PEM, intermediates after it, or PFX. Default: none, connections are plain.</summary>
    public string? Certificate { get; set; }

    /// <summary>File of the private key, PEM. Default: none, the key is in <see cref="Certificate"/>.</summary>
    public string? Key { get; set; }

    /// <summary>Password of the PFX or of the PEM key. Default: none.</summary>
    public string? Password { get; set; }

    /// <summary>File of the cluster's authority, PEM; several while it is replaced. Needed with <see cref="Certificate"/>.</summary>
    public string? Authority { get; set; }

    /// <summary>Whether it is on.</summary>
    public bool IsConfigured() => !string.IsNullOrEmpty(Certificate);
}
