using System.Text.Json.Nodes;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>A mapping whose keys the writer of the file chooses.</summary>
internal sealed class MapRule(string keys, ValueRule value, int maxEntries) : ValueRule
{
    private const int MaxKeyLength = 1000;

    public override string Expected =>
        $"a mapping of {keys} to {value.Expected}, 1 to {maxEntries:#,0} entries";

    public override object? Read(ConfigNode node, string path, ConfigReading reading)
    {
        if (
            node is not ConfigMapping { Entries.Count: > 0 } mapping
            || mapping.Entries.Count > maxEntries
        )
            return Mismatch(node, path, reading);
        var values = new Dictionary<string, object>();
        foreach (var (key, entry) in mapping.Entries)
        {
            var entryPath = $"{path}.{key.Text}";
            reading.Place(entryPath, key);
            if (key.Text.Length is 0 or > MaxKeyLength)
            {
                reading.Report(
                    key,
                    path,
                    $"a key must have 1 to {MaxKeyLength:#,0} characters, got {key.Text.Length}."
                );
            }
            else if (value.Read(entry, entryPath, reading) is { } read)
            {
                values[key.Text] = read;
            }
        }
        return values.Count == mapping.Entries.Count ? values : null;
    }

    public override JsonObject ToJsonSchema() =>
        new()
        {
            ["type"] = "object",
            ["additionalProperties"] = value.ToJsonSchema(),
            ["minProperties"] = 1,
            ["maxProperties"] = maxEntries,
        };
}
