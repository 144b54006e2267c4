using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansMl.Contracts;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Operations;

/// <summary>The console's style, script and icon: a part of the program, held in memory, named by their content so that browsers keep them.</summary>
internal sealed class ConsoleAssets
{
    private readonly Dictionary<string, Asset> _assets = new[]
    {
        ("console.css", "text/css; charset=utf-8"),
        ("mark.svg", "image/svg+xml"),
        ("console.js", "text/javascript; charset=utf-8"),
        ("blazor.web.js", "text/javascript; charset=utf-8"),
    }.ToDictionary(file => file.Item1, file => Load(file.Item1, file.Item2));

    /// <summary>The address of a file, which changes with its content.</summary>
    public string this[string name] =>
        $"{ConsoleEndpoints.Root}/assets/{name}?v={_assets[name].Hash}";

    public static void Map(IEndpointRouteBuilder pages) =>
        pages
            .MapGet(
                "/assets/{name}",
                (string name, ConsoleAssets assets, HttpContext context) =>
                    assets.WriteAsync(name, context)
            )
            .IsOpen();

    private Task WriteAsync(string name, HttpContext context)
    {
        var asset =
            _assets.GetValueOrDefault(name)
            ?? throw new NotFoundException($"The console has no file '{name}'.");
        var response = context.Response;
        response.ContentType = asset.Type;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.Vary = "Accept-Encoding";
        response.Headers.CacheControl =
            context.Request.Query["v"] == asset.Hash
                ? "public, max-age=31536000, immutable"
                : "no-cache";
        var isZipped = context
            .Request.Headers.AcceptEncoding.ToString()
            .Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (isZipped)
            response.Headers.ContentEncoding = "gzip";
        var body = isZipped ? asset.Zipped : asset.Plain;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static Asset Load(string name, string type)
    {
        using var stream =
            typeof(ConsoleAssets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The program lacks its file {name}.");
        var plain = new byte[stream.Length];
        stream.ReadExactly(plain);
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(plain);
        return new Asset(
            type,
            Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 8)),
            plain,
            zipped.ToArray()
        );
    }

    private sealed record Asset(string Type, string Hash, byte[] Plain, byte[] Zipped);
}
