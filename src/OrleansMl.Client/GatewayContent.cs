using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansMl.Contracts;

namespace OrleansMl.Client;

/// <summary>Bodies of requests.</summary>
internal static class GatewayContent
{
    /// <summary>The header that says how much of a body with binary tensors is its JSON.</summary>
    public const string JsonLength = "Inference-Header-Content-Length";

    private static readonly MediaTypeHeaderValue JsonType = new("application/json");
    private static readonly MediaTypeHeaderValue BinaryType = new("application/octet-stream");

    /// <summary>Serializes once, for all tries.</summary>
    public static Func<HttpContent> Json<T>(T value) =>
        Bytes(JsonSerializer.SerializeToUtf8Bytes(value, ContractsJson.Options), JsonType);

    public static Func<HttpContent> Yaml(string text) =>
        Bytes(Encoding.UTF8.GetBytes(text), new("application/yaml"));

    public static Func<HttpContent> JsonBytes(ReadOnlyMemory<byte> utf8) => Bytes(utf8, JsonType);

    /// <summary>JSON of so many bytes with tensors' bytes behind it.</summary>
    public static Func<HttpContent> Tensors(ReadOnlyMemory<byte> body, int jsonLength) =>
        () =>
        {
            var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = BinaryType;
            content.Headers.Add(JsonLength, jsonLength.ToString(CultureInfo.InvariantCulture));
            return content;
        };

    private static Func<HttpContent> Bytes(ReadOnlyMemory<byte> body, MediaTypeHeaderValue type) =>
        () => new ReadOnlyMemoryContent(body) { Headers = { ContentType = type } };
}
