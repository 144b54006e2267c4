using System.Globalization;
using System.Text.Json.Nodes;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>A whole number in a range.</summary>
internal sealed class IntegerRule(long minimum, long maximum) : ValueRule
{
    public override string Expected => $"a whole number from {minimum:#,0} to {maximum:#,0}";

    public override object? Read(ConfigNode node, string path, ConfigReading reading)
    {
        if (node is not ConfigScalar { Number: { } number } scalar)
            return Mismatch(node, path, reading);
        if (
            !long.TryParse(
                scalar.Text,
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var whole
            )
        )
        {
            // 1e3 and 1000.0 are whole numbers too, as in JSON Schema; past 2^53 a double can't tell.
            if (!(Math.Abs(number) <= 1L << 53) || number != Math.Floor(number))
                return Mismatch(node, path, reading);
            whole = (long)number;
        }
        return whole >= minimum && whole <= maximum ? whole : Mismatch(node, path, reading);
    }

    public override JsonObject ToJsonSchema() =>
        new()
        {
            ["type"] = "integer",
            ["minimum"] = minimum,
            ["maximum"] = maximum,
        };
}
