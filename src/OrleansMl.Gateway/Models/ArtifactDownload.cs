using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Gateway.Models;

/// <summary>Sends an artifact from a verified local file, with its hash as ETag, ranges and conditions.</summary>
internal static class ArtifactDownload
{
    public static async Task<IResult> SendAsync(
        ArtifactId id,
        string? fileName,
        ILocalArtifacts artifacts,
        HttpContext context
    )
    {
        var lease = await artifacts.AcquireAsync(id, context.RequestAborted);
        // The file may not be evicted before the last byte is sent.
        context.Response.RegisterForDispose(lease);
        // The bytes behind a hash never change; those behind an alias may, and then the ETag does.
        context.Response.Headers.CacheControl = "private, no-cache";
        return Results.File(
            lease.Path,
            "application/octet-stream",
            fileName,
            entityTag: new EntityTagHeaderValue($"\"{id.Hex}\""),
            enableRangeProcessing: true
        );
    }
}
