using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrleansMl.Gateway.Sockets;

/// <summary>Registers the transport.</summary>
public static class EpollHosting
{
    /// <summary>
    /// Handles requests at the addresses that <paramref name="settings"/> take on the threads that watch their sockets; after Kestrel.
    /// What may block or take long there is to be moved to the thread pool, as the gateway's routes do. Without effect but on Linux.
    /// </summary>
    public static IWebHostBuilder UseEpoll(this IWebHostBuilder web, EpollSettings settings) =>
        web.ConfigureServices(services =>
        {
            if (!OperatingSystem.IsLinux())
                return;
            services.TryAddSingleton(TimeProvider.System);
            services.AddSingleton(settings);
            services.AddSingleton<IConnectionListenerFactory, EpollTransport>();
        });
}
