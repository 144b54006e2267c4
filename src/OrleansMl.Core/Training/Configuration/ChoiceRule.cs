using System.Text.Json.Nodes;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>One of some words.</summary>
internal sealed class ChoiceRule(params string[] choices) : ValueRule
{
    public IReadOnlyList<string> Choices => choices;

    public override string Expected => "one of " + string.Join(", ", choices);

    public override object? Read(ConfigNode node, string path, ConfigReading reading)
    {
        if (node is not ConfigScalar scalar)
            return Mismatch(node, path, reading);
        if (choices.Contains(scalar.Text) && !scalar.IsNull)
            return scalar.Text;
        return Mismatch(
            node,
            path,
            reading,
            NearestName.Find(scalar.Text, choices) is { } nearest
                ? $"; did you mean '{nearest}'?"
                : "."
        );
    }

    public override JsonObject ToJsonSchema() =>
        new()
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. choices.Select(c => (JsonNode)c)]),
        };
}
