using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansMl.Contracts;

namespace OrleansMl.Client;

/// <summary>Bodies of requests.</summary>
internal static class GatewayContent
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    /// <summary>Serializes once, for all tries.</summary>
    public static Func<HttpContent> Json<T>(T value) =>
        Bytes(JsonSerializer.SerializeToUtf8Bytes(value, ContractsJson.Options), JsonType);

    public static Func<HttpContent> Yaml(string text) =>
        Bytes(Encoding.UTF8.GetBytes(text), new("application/yaml"));

    public static Func<HttpContent> JsonBytes(ReadOnlyMemory<byte> utf8) => Bytes(utf8, JsonType);

    private static Func<HttpContent> Bytes(ReadOnlyMemory<byte> body, MediaTypeHeaderValue type) =>
        () => new ReadOnlyMemoryContent(body) { Headers = { ContentType = type } };
}
