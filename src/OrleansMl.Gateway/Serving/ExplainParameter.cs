using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Explanations;

namespace OrleansMl.Gateway.Serving;

/// <summary>Reads the parameter <c>explain</c>.</summary>
internal static class ExplainParameter
{
    // Keys that are not known are refused: a mistyped one would explain something else.
    private static readonly JsonSerializerOptions Options = new(ContractsJson.Options)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Reads the object that comes next; null for null.</summary>
    /// <exception cref="InvalidInputException">It is no object of that form.</exception>
    public static ExplanationRequest? Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        try
        {
            return JsonSerializer.Deserialize<ExplanationRequest>(ref reader, Options);
        }
        catch (JsonException error)
        {
            throw Refused(error);
        }
    }

    /// <summary>Reads the object's JSON.</summary>
    /// <exception cref="InvalidInputException">It is no object of that form.</exception>
    public static ExplanationRequest? OfText(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<ExplanationRequest>(json, Options);
        }
        catch (JsonException error)
        {
            throw Refused(error);
        }
    }

    /// <summary>The parameter of a body's <c>parameters</c>; null where there is none.</summary>
    /// <exception cref="InvalidInputException">It is no object of that form.</exception>
    public static ExplanationRequest? Of(JsonElement body)
    {
        if (!body.TryGetProperty("parameters", out var parameters))
            return null;
        if (parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
            throw new InvalidInputException("The body: expected 'parameters' to be an object.");
        if (
            parameters.ValueKind == JsonValueKind.Null
            || !parameters.TryGetProperty("explain", out var explain)
        )
            return null;
        try
        {
            return explain.Deserialize<ExplanationRequest>(Options);
        }
        catch (JsonException error)
        {
            throw Refused(error);
        }
    }

    private static InvalidInputException Refused(JsonException error) =>
        new(
            $"parameters.explain: expected an object with any of method ('occlusion' or 'shapley-sampling'), samples, baseline ('mean' or 'zero'), output, target, seed and patch: {error.Message}"
        );
}
