using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansMl.Gateway.Sockets;

namespace OrleansMl.Gateway.Tests.Sockets;

/// <summary>Kestrel on our transport, with one handler.</summary>
internal sealed class EpollServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EpollServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public EndPoint EndPoint => new IPEndPoint(IPAddress.Loopback, new Uri(Url).Port);

    public static async Task<EpollServer> StartAsync(
        RequestDelegate handler,
        EpollSettings? settings = null,
        Action<KestrelServerOptions>? listen = null
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.WebHost.UseEpoll(settings ?? new EpollSettings { Threads = 2 });
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Limits.MinResponseDataRate = null;
            server.Limits.MinRequestBodyDataRate = null;
            server.Limits.MaxRequestBodySize = null;
            if (listen is null)
                server.Listen(IPAddress.Loopback, 0);
            else
                listen(server);
        });
        var app = builder.Build();
        Assert.Contains(
            app.Services.GetServices<IConnectionListenerFactory>(),
            factory => factory is EpollTransport
        );
        app.Run(handler);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new EpollServer(app);
    }

    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(EndPoint, TestContext.Current.CancellationToken);
        return socket;
    }

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
