namespace OrleansMl.Gateway.Trust;

/// <summary>TLS of the HTTP port: version 1.2 or later, HTTP/1.1 and HTTP/2 on one port. Changed files are read again before the next handshake. Section <c>Security:Tls</c>.</summary>
public sealed class TlsOptions
{
    /// <summary>File of the certificate: PEM, intermediates after it, or PFX. Default: none, which is right for http.</summary>
    public string? Certificate { get; set; }

    /// <summary>File of the private key, PEM. Default: none, the key is in <see cref="Certificate"/>.</summary>
    public string? Key { get; set; }

    /// <summary>Password of the PFX or of the PEM key; better by the environment than in a file. Default: none.</summary>
    public string? Password { get; set; }

    /// <summary>File of an authority, PEM: every caller must show a certificate of it, beside its key. Default: none is asked for.</summary>
    public string? ClientAuthority { get; set; }
}
