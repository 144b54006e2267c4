namespace OrleansMl.Client.Endpoints;

/// <summary>Where a client has its list of endpoints from.</summary>
public enum EndpointDiscovery
{
    /// <summary>The configured endpoints alone.</summary>
    Configured = 0,

    /// <summary>
    /// The cluster's own list of the gateways that take calls now: asked of any endpoint that answers, the configured ones last. For
    /// clients that reach the addresses that silos advertise, not for those behind a load balancer.
    /// </summary>
    Cluster = 1,

    /// <summary>All addresses of the configured hosts' names. Without TLS alone: a certificate names a host, not its addresses.</summary>
    Dns = 2,
}
