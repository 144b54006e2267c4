using System.Buffers;
using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>Sends a model's answer: JSON, and behind it the outputs that were wanted in binary.</summary>
internal static class InferenceAnswer
{
    /// <summary>The header that says where the JSON ends and the tensors begin.</summary>
    public const string HeaderLength = "Inference-Header-Content-Length";

    /// <summary>The content type of an answer with binary outputs.</summary>
    public const string OctetStream = "application/octet-stream";

    private const string Json = "application/json";

    // What is smaller gains nothing by compression.
    private const long LeastCompressed = 1024;

    // What is larger is handed over piece by piece, so that a slow reader holds it up and not memory.
    private const int Piece = 256 * 1024;

    private const int FirstBuffer = 1024;

    /// <summary>Sends it; the answer's memory is free again afterwards.</summary>
    public static Task SendAsync(
        HttpContext context,
        InferenceResponse response,
        ParsedInferenceRequest parsed,
        IReadOnlyList<string> labels
    )
    {
        var json = new PooledBufferWriter(FirstBuffer);
        IReadOnlyList<ReadOnlyMemory<byte>>? binary;
        try
        {
            binary = InferenceResponseWriter.Write(
                json,
                response,
                parsed.Outputs,
                labels,
                parsed.Request.Id,
                parsed.IsOutputBinary
            );
        }
        catch
        {
            json.Dispose();
            response.Release();
            throw;
        }
        var http = context.Response;
        long length = json.Written.Length;
        http.ContentType = Json;
        if (binary is not null)
        {
            http.ContentType = OctetStream;
            http.Headers[HeaderLength] = json.Written.Length.ToString();
            foreach (var part in binary)
                length += part.Length;
        }
        var coding =
            length < LeastCompressed
                ? null
                : ContentCoding.Choose(context.Request.Headers.AcceptEncoding);
        if (coding is not null)
            return CompressAsync(context, coding, json, binary, response);
        http.ContentLength = length;
        if (length > Piece)
            return SendPiecesAsync(context, json, binary, response);
        http.BodyWriter.Write(json.Written.Span);
        foreach (var part in binary ?? [])
            http.BodyWriter.Write(part.Span);
        json.Dispose();
        response.Release();
        // The end of the request flushes: once, with the headers.
        return Task.CompletedTask;
    }

    private static async Task SendPiecesAsync(
        HttpContext context,
        PooledBufferWriter json,
        IReadOnlyList<ReadOnlyMemory<byte>>? binary,
        InferenceResponse response
    )
    {
        try
        {
            foreach (var part in (IEnumerable<ReadOnlyMemory<byte>>)[json.Written, .. binary ?? []])
            {
                for (var rest = part; rest.Length > 0; rest = rest[Math.Min(Piece, rest.Length)..])
                    await context.Response.BodyWriter.WriteAsync(
                        rest[..Math.Min(Piece, rest.Length)],
                        context.RequestAborted
                    );
            }
        }
        finally
        {
            // The reader may be gone in the middle.
            json.Dispose();
            response.Release();
        }
    }

    private static async Task CompressAsync(
        HttpContext context,
        ContentCoding coding,
        PooledBufferWriter json,
        IReadOnlyList<ReadOnlyMemory<byte>>? binary,
        InferenceResponse response
    )
    {
        context.Response.Headers.ContentEncoding = coding.Name;
        context.Response.Headers.Vary = "Accept-Encoding";
        try
        {
            await using var stream = coding.Compress(context.Response.Body);
            await stream.WriteAsync(json.Written, context.RequestAborted);
            foreach (var part in binary ?? [])
                await stream.WriteAsync(part, context.RequestAborted);
        }
        finally
        {
            json.Dispose();
            response.Release();
        }
    }
}
