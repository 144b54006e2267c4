using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving;

/// <summary>Reads an inference request's body into memory that its tensors then stand in.</summary>
internal static class InferenceBody
{
    private const int FirstBuffer = 16 * 1024;

    // An array's first element stands at a multiple of this, wherever the array is moved to.
    private const int Alignment = sizeof(ulong);

    /// <summary>Reads it whole, uncompressed.</summary>
    /// <param name="context">The request.</param>
    /// <param name="head">Bytes of JSON at its beginning: what follows them stands at a multiple of 8.</param>
    /// <param name="limit">The most bytes, as sent and as uncompressed.</param>
    /// <param name="memory">Where it is put.</param>
    /// <exception cref="RequestException">It is too large, or compressed in another way than is taken.</exception>
    /// <exception cref="OrleansMl.Contracts.InvalidInputException">It can't be uncompressed.</exception>
    public static ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        HttpContext context,
        int head,
        long limit,
        TensorMemory memory
    )
    {
        var pad = (Alignment - head % Alignment) % Alignment;
        var encoding = context.Request.Headers.ContentEncoding;
        return encoding.Count == 0
            ? ReadPlainAsync(context, pad, limit, memory)
            : InflateAsync(context, encoding.ToString(), pad, limit, memory);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadPlainAsync(
        HttpContext context,
        int pad,
        long limit,
        TensorMemory memory
    )
    {
        var request = context.Request;
        if (request.ContentLength > limit)
            throw TooLarge(limit);
        RequestBodies.LiftServerLimit(context);
        var buffer = memory.Rent(
            pad + (request.ContentLength is { } known ? (int)known : FirstBuffer)
        );
        var length = 0;
        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            var part = result.Buffer;
            if (part.Length > limit - length)
            {
                // Left unread, it would cost the connection, and with it the answer.
                reader.AdvanceTo(part.End);
                throw TooLarge(limit);
            }
            var needed = pad + length + (int)part.Length;
            if (needed > buffer.Length)
            {
                try
                {
                    GatewayLoad.Grow(context, needed * 2L);
                }
                catch (OrleansMl.Contracts.UnavailableException)
                {
                    reader.AdvanceTo(part.End);
                    throw;
                }
                buffer = memory.Grow(buffer, pad + length, needed);
            }
            if (part.IsSingleSegment)
                part.FirstSpan.CopyTo(buffer.AsSpan(pad + length));
            else
                System.Buffers.BuffersExtensions.CopyTo(part, buffer.AsSpan(pad + length));
            length += (int)part.Length;
            reader.AdvanceTo(part.End);
            if (result.IsCompleted)
                return buffer.AsMemory(pad, length);
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> InflateAsync(
        HttpContext context,
        string encoding,
        int pad,
        long limit,
        TensorMemory memory
    )
    {
        var coding = ContentCoding.Find(encoding) ?? throw ContentCoding.Unsupported(encoding);
        var packed = new TensorMemory();
        try
        {
            var body = await ReadPlainAsync(context, 0, limit, packed);
            return Inflate(context, coding, body, pad, limit, memory);
        }
        finally
        {
            packed.Release();
        }
    }

    private static ReadOnlyMemory<byte> Inflate(
        HttpContext context,
        ContentCoding coding,
        ReadOnlyMemory<byte> body,
        int pad,
        long limit,
        TensorMemory memory
    )
    {
        var buffer = memory.Rent(pad + FirstBuffer);
        var length = 0;
        using var stream = coding.Inflate(body);
        while (true)
        {
            if (pad + length == buffer.Length)
            {
                GatewayLoad.Grow(context, buffer.Length * 2L);
                buffer = memory.Grow(buffer, pad + length, buffer.Length + 1);
            }
            int read;
            try
            {
                read = stream.Read(buffer.AsSpan(pad + length));
            }
            // The bytes are all there, so that any failure to read them is theirs; zlib's own are IOExceptions.
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                throw new OrleansMl.Contracts.InvalidInputException(
                    $"The body is no {coding.Name} data, as its Content-Encoding says.",
                    e
                );
            }
            if (read == 0)
                return buffer.AsMemory(pad, length);
            length += read;
            if (length > limit)
                throw RequestException.TooLarge(
                    "The uncompressed body",
                    limit,
                    nameof(GatewayOptions.MaxInferenceBytes)
                );
        }
    }

    private static RequestException TooLarge(long limit) =>
        RequestException.TooLarge("The body", limit, nameof(GatewayOptions.MaxInferenceBytes));
}
