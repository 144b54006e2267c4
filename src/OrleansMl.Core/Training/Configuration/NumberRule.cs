using System.Text.Json.Nodes;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>A finite real number in a range.</summary>
internal sealed class NumberRule(
    double minimum,
    double maximum,
    bool aboveMinimum = false,
    bool belowMaximum = false
) : ValueRule
{
    public override string Expected =>
        $"a number {(aboveMinimum ? "above" : "from")} {minimum:#,0.########} "
        + $"{(aboveMinimum ? "and " : "to ")}{(belowMaximum ? "below" : aboveMinimum ? "at most" : "")}".TrimEnd()
        + $" {maximum:#,0.########}";

    public override object? Read(ConfigNode node, string path, ConfigReading reading)
    {
        if (node is not ConfigScalar { Number: { } number })
            return Mismatch(node, path, reading);
        var inside =
            double.IsFinite(number)
            && (aboveMinimum ? number > minimum : number >= minimum)
            && (belowMaximum ? number < maximum : number <= maximum);
        return inside ? number : Mismatch(node, path, reading);
    }

    public override JsonObject ToJsonSchema() =>
        new()
        {
            ["type"] = "number",
            [aboveMinimum ? "exclusiveMinimum" : "minimum"] = (decimal)minimum,
            [belowMaximum ? "exclusiveMaximum" : "maximum"] = (decimal)maximum,
        };
}
