using System.Text.Json.Nodes;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>A list of values of one rule.</summary>
internal sealed class ListRule(ValueRule item, int minItems, int maxItems) : ValueRule
{
    public ValueRule Item => item;

    public override string Expected =>
        $"a list of {minItems} to {maxItems:#,0} values, each {item.Expected}";

    public override object? Read(ConfigNode node, string path, ConfigReading reading)
    {
        if (node is not ConfigSequence sequence)
            return Mismatch(node, path, reading, "; write it as [...].");
        if (sequence.Items.Count < minItems || sequence.Items.Count > maxItems)
            return Mismatch(node, path, reading);
        var values = new List<object>(sequence.Items.Count);
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            var itemPath = $"{path}[{i}]";
            reading.Place(itemPath, sequence.Items[i]);
            if (item.Read(sequence.Items[i], itemPath, reading) is { } value)
                values.Add(value);
        }
        return values.Count == sequence.Items.Count ? values : null;
    }

    public override JsonObject ToJsonSchema() =>
        new()
        {
            ["type"] = "array",
            ["items"] = item.ToJsonSchema(),
            ["minItems"] = minItems,
            ["maxItems"] = maxItems,
        };
}
