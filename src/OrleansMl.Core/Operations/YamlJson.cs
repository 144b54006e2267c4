using System.Globalization;
using System.Text.Json.Nodes;
using OrleansMl.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrleansMl.Core.Operations;

/// <summary>Turns a YAML document into the JSON of the same meaning, by the core schema: what is read as JSON may be written as YAML.</summary>
public static class YamlJson
{
    private const int MaxDepth = 32;

    // Aliases count as often as they stand there: a few lines may stand for billions.
    private const int MaxNodes = 10_000;

    /// <summary>The document as JSON text.</summary>
    /// <exception cref="InvalidInputException">It is no single YAML document of mappings, sequences and plain values; the message says where.</exception>
    public static string Convert(string yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new InvalidInputException(
                $"The YAML is wrong at line {e.Start.Line}, column {e.Start.Column}: {e.Message}",
                e
            );
        }
        var nodes = 0;
        return stream.Documents is [var document]
            ? Node(document.RootNode, 0, ref nodes)?.ToJsonString() ?? "null"
            : throw new InvalidInputException(
                $"Expected one YAML document, got {stream.Documents.Count}."
            );
    }

    private static JsonNode? Node(YamlNode node, int depth, ref int nodes)
    {
        if (++nodes > MaxNodes)
            throw Wrong(node, $"expected at most {MaxNodes} values");
        if (depth > MaxDepth)
            throw Wrong(node, $"expected at most {MaxDepth} levels");
        switch (node)
        {
            case YamlScalarNode scalar:
                return Scalar(scalar);
            case YamlSequenceNode sequence:
                var array = new JsonArray();
                foreach (var child in sequence)
                    array.Add(Node(child, depth + 1, ref nodes));
                return array;
            case YamlMappingNode mapping:
                var result = new JsonObject();
                foreach (var (key, value) in mapping)
                {
                    if (key is not YamlScalarNode { Value: { } name })
                        throw Wrong(key, "expected a plain key");
                    result.Add(name, Node(value, depth + 1, ref nodes));
                }
                return result;
            default:
                throw Wrong(node, "expected a mapping, a sequence or a value");
        }
    }

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not ScalarStyle.Plain)
            return JsonValue.Create(text);
        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(
                    text,
                    NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    out var whole
                ) => JsonValue.Create(whole),
            _ when IsNumber(text, out var number) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }

    // Only what begins like one: "nan" and "infinity" are words here.
    private static bool IsNumber(string text, out double number)
    {
        number = 0;
        return text[0] is '-' or '+' or '.' or (>= '0' and <= '9')
            && double.TryParse(
                text,
                NumberStyles.AllowLeadingSign
                    | NumberStyles.AllowDecimalPoint
                    | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out number
            )
            && double.IsFinite(number);
    }

    private static InvalidInputException Wrong(YamlNode node, string what) =>
        new($"The YAML is wrong at line {node.Start.Line}, column {node.Start.Column}: {what}.");
}
