using System.Text.Json.Nodes;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>One of some words, or a mapping.</summary>
internal sealed class ChoiceOrMapRule(ChoiceRule choice, MapRule map) : ValueRule
{
    public override string Expected => $"{choice.Expected}, or {map.Expected}";

    public override object? Read(ConfigNode node, string path, ConfigReading reading) =>
        node switch
        {
            ConfigScalar => choice.Read(node, path, reading),
            ConfigMapping => map.Read(node, path, reading),
            _ => Mismatch(node, path, reading),
        };

    public override JsonObject ToJsonSchema() =>
        new() { ["oneOf"] = new JsonArray(choice.ToJsonSchema(), map.ToJsonSchema()) };
}
