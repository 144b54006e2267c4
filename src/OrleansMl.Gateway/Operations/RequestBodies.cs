using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using OrleansMl.Contracts;

namespace OrleansMl.Gateway.Operations;

/// <summary>Reads bodies whole, within a limit, into pooled memory.</summary>
internal static class RequestBodies
{
    private const int FirstBuffer = 16 * 1024;

    /// <summary>
    /// Lifts the server's own limit of 30 MB. It counts the framing of chunks too, so that it can't stand in for ours; whoever
    /// calls this counts what it reads.
    /// </summary>
    public static void LiftServerLimit(HttpContext context)
    {
        var feature = context.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (feature is { IsReadOnly: false })
            feature.MaxRequestBodySize = null;
    }

    /// <summary>Reads the body.</summary>
    /// <exception cref="RequestException">413: it is larger than the limit.</exception>
    public static async ValueTask<PooledBody> ReadAsync(
        HttpContext context,
        long limit,
        string option
    )
    {
        var request = context.Request;
        if (request.ContentLength > limit)
            throw RequestException.TooLarge("The body", limit, option);
        LiftServerLimit(context);
        var capacity = request.ContentLength is { } known ? (int)known + 1 : FirstBuffer;
        var buffer = ArrayPool<byte>.Shared.Rent(capacity);
        var length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                {
                    GatewayLoad.Grow(context, buffer.Length * 2L);
                    buffer = Grow(buffer, length);
                }
                var read = await request.Body.ReadAsync(
                    buffer.AsMemory(length),
                    context.RequestAborted
                );
                if (read == 0)
                    return new PooledBody(buffer, length);
                length += read;
                if (length > limit)
                    throw RequestException.TooLarge("The body", limit, option);
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Reads a JSON body.</summary>
    /// <exception cref="RequestException">It is of another type, too large, or null.</exception>
    /// <exception cref="JsonException">It can't be read.</exception>
    public static async ValueTask<T> ReadJsonAsync<T>(HttpContext context, long limit)
        where T : class
    {
        RequireJson(context.Request);
        using var body = await ReadAsync(context, limit, nameof(GatewayOptions.MaxBodyBytes));
        return JsonSerializer.Deserialize<T>(body.Span, ContractsJson.Options)
            ?? throw RequestException.Invalid("The body is null: expected a JSON object.");
    }

    /// <summary>Lets JSON pass, and a body without a type.</summary>
    public static void RequireJson(HttpRequest request)
    {
        if (!string.IsNullOrEmpty(request.ContentType) && !IsJson(request.ContentType))
            throw RequestException.UnsupportedMediaType(request.ContentType, "application/json");
    }

    public static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (
            type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)
        );

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(
            (int)Math.Min(Array.MaxLength, buffer.Length * 2L)
        );
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
