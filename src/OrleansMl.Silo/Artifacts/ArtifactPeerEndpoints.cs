using OrleansMl.Gateway.Trust;
using OrleansMl.Storage.Artifacts;

namespace OrleansMl.Silo.Artifacts;

/// <summary>Where other silos fetch the artifacts of this silo's disk.</summary>
internal static class ArtifactPeerEndpoints
{
    private const string Route = "/internal/artifacts/{id}";

    /// <summary>Maps the route. It has an authentication of its own, the cluster's secret, and answers nobody without one.</summary>
    public static void MapArtifactPeers(this WebApplication app) =>
        app.MapMethods(Route, [HttpMethods.Get, HttpMethods.Head], AnswerAsync)
            .IsOpen()
            .ExcludeFromDescription();

    private static async Task AnswerAsync(
        string id,
        HttpContext context,
        IArtifactPeerResponder responder
    )
    {
        await using var answer = await responder.AnswerAsync(
            id,
            context.Request.Headers.Authorization,
            context.Request.Headers.Range,
            context.RequestAborted
        );
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        if (answer.Body is not null && HttpMethods.IsGet(context.Request.Method))
            await answer.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
