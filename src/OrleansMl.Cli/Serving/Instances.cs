using System.Text.Json;
using OrleansMl.Contracts;

namespace OrleansMl.Cli.Serving;

/// <summary>Reads examples with named features.</summary>
internal static class Instances
{
    /// <summary>Reads a list of objects, or an object with the member <c>instances</c>.</summary>
    /// <exception cref="InvalidInputException">The text is neither.</exception>
    public static IReadOnlyList<IReadOnlyDictionary<string, object?>> Parse(
        string json,
        string source
    )
    {
        try
        {
            var root = JsonSerializer.Deserialize<JsonElement>(json);
            if (
                root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("instances", out var instances)
            )
                root = instances;
            return
            [
                .. root.EnumerateArray()
                    .Select(instance =>
                        instance.EnumerateObject().ToDictionary(m => m.Name, m => (object?)m.Value)
                    ),
            ];
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidInputException(
                $"'{source}' is not a JSON list of objects: {e.Message}",
                e
            );
        }
    }

    /// <summary>Reads <c>feature=value</c> pairs: numbers, true, false, null and JSON lists as such, the rest as text.</summary>
    /// <exception cref="InvalidInputException">A pair has no feature, or names one twice.</exception>
    public static IReadOnlyDictionary<string, object?> Row(IReadOnlyList<string> pairs)
    {
        var row = new Dictionary<string, object?>();
        foreach (var pair in pairs)
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
                throw new InvalidInputException(
                    $"--row: expected FEATURE=VALUE, for example age=41, got '{pair}'."
                );
            if (!row.TryAdd(pair[..equals], Value(pair[(equals + 1)..])))
                throw new InvalidInputException($"--row: '{pair[..equals]}' is given twice.");
        }
        return row;
    }

    private static object? Value(string text)
    {
        try
        {
            var value = JsonSerializer.Deserialize<JsonElement>(text);
            // A quoted text is a text; an object is no value of a feature.
            return value.ValueKind == JsonValueKind.Object ? text : value;
        }
        catch (JsonException)
        {
            // Unquoted text, the usual case.
            return text;
        }
    }
}
