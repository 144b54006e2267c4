using System.Globalization;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Client.Serving;

/// <summary>Bodies of inference requests and answers, in either format of tensors.</summary>
internal static class InferenceContent
{
    /// <summary>Writes a request once, for all tries.</summary>
    public static Func<HttpContent> Of(InferenceRequest request, TensorFormat format)
    {
        if (format == TensorFormat.Json)
            return GatewayContent.JsonBytes(InferenceRequestJson.Write(request));
        var (body, jsonLength) = InferenceRequestJson.WriteBinary(request);
        return GatewayContent.Tensors(body, jsonLength);
    }

    /// <summary>Reads an answer; its header tells the format.</summary>
    /// <exception cref="FormatException">It isn't one; the message says where.</exception>
    public static async Task<InferenceResponse> ReadAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (!response.Headers.TryGetValues(GatewayContent.JsonLength, out var values))
            return InferenceResponseJson.Read(body);
        var text = string.Join(',', values);
        return
            int.TryParse(text, CultureInfo.InvariantCulture, out var length)
            && length >= 0
            && length <= body.Length
            ? InferenceResponseJson.Read(body, length)
            : throw new FormatException(
                $"{GatewayContent.JsonLength} is '{text}', expected 0 to {body.Length}, the body's bytes."
            );
    }
}
