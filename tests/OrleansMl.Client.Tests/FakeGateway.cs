using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;

namespace OrleansMl.Client.Tests;

/// <summary>A real Kestrel server on loopback whose routes a test writes. Keeps every request.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<HttpContext, int, Task>> _routes = new();
    private readonly ConcurrentDictionary<string, int> _counts = new();

    private FakeGateway(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    public ConcurrentQueue<RecordedRequest> Requests { get; } = new();

    public static async Task<FakeGateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // A test that ends with a request in flight doesn't wait for it.
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var app = builder.Build();
        var gateway = new FakeGateway(app);
        app.Run(gateway.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        gateway.Address = new Uri(
            app.Services.GetRequiredService<IServer>()
                .Features.Get<IServerAddressesFeature>()!
                .Addresses.Single()
        );
        return gateway;
    }

    /// <summary>Answers a route; the number counts its requests from 1.</summary>
    public FakeGateway On(string method, string path, Func<HttpContext, int, Task> answer)
    {
        _routes[$"{method} {path}"] = answer;
        return this;
    }

    /// <summary>Answers a route with JSON by the contracts' form, after its body was read.</summary>
    public FakeGateway OnJson<T>(string method, string path, T value, int status = 200) =>
        On(method, path, (context, _) => Json(context, value, status));

    public static async Task Json<T>(HttpContext context, T value, int status = 200)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(
            value,
            ContractsJson.Options,
            context.RequestAborted
        );
    }

    public static Task Error(HttpContext context, int status, string code, string message) =>
        Json(context, new { error = message, code }, status);

    /// <summary>Sends one event and flushes it.</summary>
    public static async Task Event<T>(HttpContext context, string type, T data, string? id = null)
    {
        if (!context.Response.HasStarted)
            context.Response.ContentType = "text/event-stream";
        var json = System.Text.Json.JsonSerializer.Serialize(data, ContractsJson.Options);
        await context.Response.WriteAsync(
            (id is null ? "" : $"id: {id}\n") + $"event: {type}\ndata: {json}\n\n",
            context.RequestAborted
        );
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var key = $"{context.Request.Method} {context.Request.Path}";
        var count = _counts.AddOrUpdate(key, 1, (_, n) => n + 1);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        context.Request.Body = new MemoryStream(body.ToArray());
        Requests.Enqueue(
            new RecordedRequest(
                context.Request.Method,
                context.Request.Path,
                context.Request.QueryString.Value ?? "",
                context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()),
                body.ToArray()
            )
        );
        if (_routes.TryGetValue(key, out var answer))
            await answer(context, count);
        else
            await Error(context, 404, "route_not_found", $"no route {key}");
    }
}
