using System.Text.Json.Nodes;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>What a key's value may be.</summary>
internal abstract class ValueRule
{
    /// <summary>What is expected, to follow the word "expected": <c>a whole number from 1 to 10,000</c>.</summary>
    public abstract string Expected { get; }

    /// <summary>The value as a long, double, bool, string, list or <see cref="ConfigValues"/>; null when errors were reported.</summary>
    public abstract object? Read(ConfigNode node, string path, ConfigReading reading);

    /// <summary>The same rule as JSON Schema.</summary>
    public abstract JsonObject ToJsonSchema();

    /// <summary>Reports that something else was expected.</summary>
    protected object? Mismatch(
        ConfigNode node,
        string path,
        ConfigReading reading,
        string hint = "."
    )
    {
        reading.Report(node, path, $"expected {Expected}, got {node.Kind}{hint}");
        return null;
    }
}
