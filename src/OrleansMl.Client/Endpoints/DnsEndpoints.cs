using System.Net;
using System.Net.Sockets;

namespace OrleansMl.Client.Endpoints;

/// <summary>All addresses of the configured hosts.</summary>
internal sealed class DnsEndpoints(
    IReadOnlyList<Uri> configured,
    Func<string, CancellationToken, Task<IPAddress[]>> resolve
) : IEndpointSource
{
    public async Task<IReadOnlyList<Uri>> ListAsync(
        IReadOnlyList<Uri> known,
        CancellationToken cancellationToken
    )
    {
        var found = new List<Uri>();
        foreach (var endpoint in configured)
        {
            if (endpoint.HostNameType != UriHostNameType.Dns)
            {
                found.Add(endpoint);
                continue;
            }
            try
            {
                foreach (var address in await resolve(endpoint.DnsSafeHost, cancellationToken))
                    found.Add(new UriBuilder(endpoint) { Host = $"{address}" }.Uri);
            }
            catch (SocketException)
            {
                // The name has no address now. The other names' addresses hold; with none at all the last list stays.
                continue;
            }
        }
        return [.. found.Distinct()];
    }
}
