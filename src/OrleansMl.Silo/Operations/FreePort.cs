using System.Net;
using System.Net.Sockets;

namespace OrleansMl.Silo.Operations;

/// <summary>Finds ports where the configuration says 0. Orleans and the published metadata need the number before anything listens.</summary>
internal static class FreePort
{
    /// <summary>The port, or a free one for 0.</summary>
    public static int Resolve(int port, IPAddress address)
    {
        if (port != 0)
            return port;
        using var listener = new TcpListener(address, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
