using OrleansMl.Gateway.Trust.Jwt;

namespace OrleansMl.Gateway.Trust;

/// <summary>Who may call the gateway; section <c>Security</c>.</summary>
public sealed class SecurityOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Security";

    /// <summary>
    /// SHA-256 digests of the keys taken, 64 hexadecimal digits each, with a name before if wanted (<c>ci:9f86…</c>), which
    /// then stands in histories as who asked. The keys themselves are never in a configuration. None: only calls over
    /// loopback are taken, and a process that is to listen elsewhere does not start.
    /// </summary>
    /// <value>The default is none.</value>
    public IList<string> ApiKeys { get; set; } = [];

    /// <summary>Tokens of identity providers, taken beside API keys.</summary>
    public JwtOptions Jwt { get; set; } = new();

    /// <summary>TLS of the HTTP port, for a <c>Silo:Url</c> with https.</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>Mutual TLS between silos and with Orleans clients.</summary>
    public ClusterTlsOptions ClusterTls { get; set; } = new();

    /// <summary>Whether callers must authenticate.</summary>
    public bool IsConfigured() => ApiKeys.Count > 0 || Jwt.Issuers.Count > 0;
}
