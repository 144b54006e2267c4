using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Storage.Artifacts;

namespace OrleansMl.Storage.Tests.Artifacts;

/// <summary>Another silo: a folder of its own behind a real HTTP server.</summary>
internal sealed class PeerSilo : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PeerSilo(WebApplication app, LocalArtifactStore store)
    {
        _app = app;
        Store = store;
    }

    public LocalArtifactStore Store { get; }

    public Uri Address => new(_app.Urls.Single());

    public int Requests { get; private set; }

    /// <summary>Bytes of a body after which the connection is cut.</summary>
    public int? BreaksAfter { get; set; }

    public static async Task<PeerSilo> StartAsync(
        string folder,
        PeerArtifactOptions options,
        TimeProvider time
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var store = new LocalArtifactStore(folder, time, NullLogger<LocalArtifactStore>.Instance);
        var silo = new PeerSilo(app, store);
        var responder = new ArtifactPeerResponder(store, options);
        app.MapMethods(
            "/internal/artifacts/{id}",
            ["GET", "HEAD"],
            (string id, HttpContext context) => silo.AnswerAsync(responder, id, context)
        );
        await app.StartAsync(TestContext.Current.CancellationToken);
        return silo;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(ArtifactPeerResponder responder, string id, HttpContext context)
    {
        Requests++;
        await using var answer = await responder.AnswerAsync(
            id,
            context.Request.Headers.Authorization,
            context.Request.Headers.Range,
            context.RequestAborted
        );
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        if (answer.Body is null || HttpMethods.IsHead(context.Request.Method))
            return;
        if (BreaksAfter is { } bytes)
        {
            var part = new byte[bytes];
            await answer.Body.ReadExactlyAsync(part, context.RequestAborted);
            await context.Response.Body.WriteAsync(part, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
            return;
        }
        await answer.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
