using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrleansMl.Contracts;
using OrleansMl.Core.Operations;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving.Events;

/// <summary>Reads declarations, JSON or YAML. A member that is not known is refused: a word misspelled would be a default silently.</summary>
internal static class EventDocuments
{
    private static readonly JsonSerializerOptions Strict = new(ContractsJson.Options)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public static async ValueTask<T> ReadAsync<T>(HttpContext context, long limit)
        where T : class
    {
        var isYaml =
            MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            && type.MediaType.EndsWith("yaml", StringComparison.OrdinalIgnoreCase);
        if (!isYaml)
            RequestBodies.RequireJson(context.Request);
        using var body = await RequestBodies.ReadAsync(
            context,
            limit,
            nameof(GatewayOptions.MaxBodyBytes)
        );
        var json = isYaml
            ? Encoding.UTF8.GetBytes(YamlJson.Convert(Encoding.UTF8.GetString(body.Span)))
            : body.Span;
        return JsonSerializer.Deserialize<T>(json, Strict)
            ?? throw RequestException.Invalid("The body is null: expected an object.");
    }
}
