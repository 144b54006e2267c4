using System.Text.Json.Nodes;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>true or false.</summary>
internal sealed class FlagRule : ValueRule
{
    public override string Expected => "true or false";

    public override object? Read(ConfigNode node, string path, ConfigReading reading) =>
        node is ConfigScalar { Boolean: { } flag } ? flag : Mismatch(node, path, reading);

    public override JsonObject ToJsonSchema() => new() { ["type"] = "boolean" };
}
