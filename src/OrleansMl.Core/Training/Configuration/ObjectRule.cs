using System.Text.Json.Nodes;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>A mapping of known keys.</summary>
internal sealed class ObjectRule(params KeyRule[] keys) : ValueRule, IMappingRule
{
    private static readonly string[] NoOthers = [];

    public IReadOnlyList<KeyRule> Keys => keys;

    public override string Expected => "a mapping";

    public ConfigValues Defaults() => new(DefaultsOf(keys), "");

    public override object? Read(ConfigNode node, string path, ConfigReading reading)
    {
        if (node is not ConfigMapping mapping)
        {
            return Mismatch(
                node,
                path,
                reading,
                $" with the keys {string.Join(", ", keys.Select(k => k.Name))}."
            );
        }
        return ReadKeys(mapping, path, keys, name => Unknown(name, keys, NoOthers), reading);
    }

    public override JsonObject ToJsonSchema() => SchemaOf(keys);

    public static Dictionary<string, object> DefaultsOf(IEnumerable<KeyRule> keys)
    {
        var values = new Dictionary<string, object>();
        foreach (var key in keys)
        {
            if (key.DefaultValue is { } value)
                values.Add(key.Name, value);
        }
        return values;
    }

    /// <summary>Reads a mapping by a list of keys; null when anything in it is wrong.</summary>
    public static ConfigValues? ReadKeys(
        ConfigMapping mapping,
        string path,
        IReadOnlyList<KeyRule> keys,
        Func<string, string> unknown,
        ConfigReading reading
    )
    {
        var values = DefaultsOf(keys);
        var sound = true;
        foreach (var (name, node) in mapping.Entries)
        {
            var keyPath = path.Length == 0 ? name.Text : $"{path}.{name.Text}";
            reading.Place(keyPath, name);
            var key = keys.FirstOrDefault(k => k.Name == name.Text);
            if (key is null)
            {
                reading.Report(name, path, unknown(name.Text));
                sound = false;
            }
            else if (key.Rule.Read(node, keyPath, reading) is { } value)
            {
                values[key.Name] = value;
            }
            else
            {
                sound = false;
            }
        }
        foreach (var key in keys.Where(k => k.Required && mapping.Find(k.Name) is null))
        {
            reading.Report(
                mapping,
                path,
                $"the key '{key.Name}' is missing: {key.Doc} Expected {key.Rule.Expected}."
            );
            sound = false;
        }
        return sound ? new ConfigValues(values, path) : null;
    }

    public static string Unknown(
        string name,
        IEnumerable<KeyRule> keys,
        IReadOnlyCollection<string> elsewhere
    )
    {
        var text = name.Length <= 60 ? name : name[..57] + "...";
        return elsewhere.Count > 0
            ? $"'{text}' is a key of type {string.Join(", ", elsewhere)}, not of this type{NearestName.Hint(name, [.. keys.Select(k => k.Name)])}"
            : $"unknown key '{text}'{NearestName.Hint(name, [.. keys.Select(k => k.Name)])}";
    }

    public static JsonObject SchemaOf(IReadOnlyList<KeyRule> keys)
    {
        var properties = new JsonObject();
        foreach (var key in keys)
        {
            var schema = key.Rule.ToJsonSchema();
            schema["description"] = key.Unset is null
                ? key.Doc
                : $"{key.Doc} Default: {key.Unset}.";
            if (ToJson(key.Default) is { } value)
                schema["default"] = value;
            properties[key.Name] = schema;
        }
        var result = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        if (keys.Any(k => k.Required))
        {
            result["required"] = new JsonArray([
                .. keys.Where(k => k.Required).Select(k => (JsonNode)k.Name),
            ]);
        }
        return result;
    }

    private static JsonNode? ToJson(object? value) =>
        value switch
        {
            null => null,
            long whole => whole,
            double number => number,
            bool flag => flag,
            string text => text,
            IEnumerable<object> list => new JsonArray([.. list.Select(ToJson)]),
            _ when ReferenceEquals(value, KeyRule.Empty) => new JsonObject(),
            _ => throw new InvalidOperationException(
                $"a default of type {value.GetType()} has no JSON form."
            ),
        };
}
