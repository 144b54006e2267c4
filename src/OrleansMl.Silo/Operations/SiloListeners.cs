using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansMl.Gateway.Sockets;

namespace OrleansMl.Silo.Operations;

/// <summary>
/// Where Kestrel listens. In clear text a connection can't say which HTTP it speaks before its first byte, so that HTTP/1.1 and
/// gRPC's HTTP/2 each have a port; with TLS one port has both.
/// </summary>
internal static class SiloListeners
{
    /// <summary>Makes the server listen at the silo's addresses, within its limits.</summary>
    public static void Listen(
        KestrelServerOptions server,
        SiloEndpoints endpoints,
        HttpOptions options
    )
    {
        options.Apply(server.Limits);
        Listen(server, endpoints.Url, HttpProtocols.Http1);
        if (endpoints.GrpcUrl is { } grpc)
            Listen(server, grpc, HttpProtocols.Http2);
    }

    /// <summary>
    /// Handles plain HTTP on threads of its own. TLS and HTTP/2 stay with the framework's sockets: both do work for many requests at
    /// once, and their handshakes, on the thread that reads.
    /// </summary>
    public static IWebHostBuilder UseSocketThreads(
        this IWebHostBuilder web,
        SiloEndpoints endpoints,
        HttpOptions options
    )
    {
        var address = BindingAddress.Parse(endpoints.Url);
        if (options.SocketThreads == 0 || address.Scheme == Uri.UriSchemeHttps)
            return web;
        var settings = new EpollSettings
        {
            Takes = endpoint => endpoint is IPEndPoint ip && ip.Port == address.Port,
        };
        return web.UseEpoll(
            options.SocketThreads is { } threads ? settings with { Threads = threads } : settings
        );
    }

    private static void Listen(KestrelServerOptions server, string url, HttpProtocols protocols)
    {
        var address = BindingAddress.Parse(url);
        if (address.Host == "localhost")
            server.ListenLocalhost(address.Port, Configure);
        else if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
            server.Listen(ip, address.Port, Configure);
        else
            server.ListenAnyIP(address.Port, Configure);

        void Configure(ListenOptions listen)
        {
            // In TLS the two sides agree on the protocol, so that one port takes both.
            var https = address.Scheme == Uri.UriSchemeHttps;
            listen.Protocols = https ? HttpProtocols.Http1AndHttp2 : protocols;
            if (https)
                listen.UseHttps();
        }
    }
}
