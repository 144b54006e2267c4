using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>A text of at most so many characters that matches a pattern.</summary>
internal sealed class TextRule(string expected, int maxLength, string? pattern = null) : ValueRule
{
    // The patterns here are anchored and without nested repetition; not backtracking keeps them linear all the same.
    private readonly Regex? _pattern = pattern is null
        ? null
        : new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public override string Expected => expected;

    public override object? Read(ConfigNode node, string path, ConfigReading reading)
    {
        if (node is not ConfigScalar scalar)
            return Mismatch(node, path, reading);
        if (!scalar.IsText)
            return Mismatch(node, path, reading, scalar.IsNull ? "." : "; put it in quotes.");
        var fits =
            scalar.Text.Length is > 0
            && scalar.Text.Length <= maxLength
            && (_pattern?.IsMatch(scalar.Text) ?? true);
        return fits ? scalar.Text : Mismatch(node, path, reading);
    }

    public override JsonObject ToJsonSchema()
    {
        var schema = new JsonObject
        {
            ["type"] = "string",
            ["minLength"] = 1,
            ["maxLength"] = maxLength,
        };
        if (pattern is not null)
            schema["pattern"] = pattern;
        return schema;
    }
}
