using System.Globalization;
using System.Text;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>The keys of training configurations as Markdown tables, read off the same description as the parser.</summary>
public static class TrainingConfigReference
{
    /// <summary>A table a mapping, in the document's order.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder();
        WriteTable(text, "The document", TrainingConfigKeys.Document.Keys);
        foreach (var key in TrainingConfigKeys.Document.Keys)
            WriteRule(text, key.Name, key.Rule);
        return text.ToString();
    }

    private static void WriteRule(StringBuilder text, string path, ValueRule rule)
    {
        switch (rule)
        {
            case ListRule { Item: VariantRule item }:
                WriteRule(text, path + "[]", item);
                break;
            case ObjectRule mapping:
                WriteTable(text, $"`{path}`", mapping.Keys);
                foreach (var key in mapping.Keys)
                    WriteRule(text, $"{path}.{key.Name}", key.Rule);
                break;
            case VariantRule variant:
                WriteTable(text, $"`{path}`, every type", [variant.Type, .. variant.Common]);
                foreach (var (type, keys) in variant.Variants.Where(v => v.Keys.Length > 0))
                {
                    WriteTable(text, $"`{path}` of type `{type}`", keys);
                    foreach (var key in keys)
                        WriteRule(text, $"{path}({type}).{key.Name}", key.Rule);
                }
                break;
            default:
                break;
        }
    }

    private static void WriteTable(StringBuilder text, string title, IReadOnlyList<KeyRule> keys)
    {
        text.Append(CultureInfo.InvariantCulture, $"### {title}\n\n");
        text.Append("| key | value | default | meaning |\n|---|---|---|---|\n");
        foreach (var key in keys)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| `{key.Name}` | {Value(key.Rule)} | {Default(key)} | {Escape(key.Doc)} |\n"
            );
        }
        text.Append('\n');
    }

    private static string Value(ValueRule rule) =>
        rule switch
        {
            ListRule { Item: VariantRule } => "a list of mappings, see below",
            ObjectRule or VariantRule => "a mapping, see below",
            _ => Escape(rule.Expected),
        };

    private static string Default(KeyRule key) =>
        key.Required ? "required"
        : key.Unset is not null ? Escape(key.Unset)
        : ReferenceEquals(key.Default, KeyRule.Empty) ? "its keys' defaults"
        : key.Default switch
        {
            null => "unset",
            bool flag => flag ? "`true`" : "`false`",
            IEnumerable<object> list => $"`[{string.Join(", ", list)}]`",
            var value => $"`{value}`",
        };

    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
