using System.Text.Json.Nodes;

namespace OrleansMl.Core.Training.Configuration;

/// <summary>A mapping whose key <c>type</c> says which other keys it may have.</summary>
internal sealed class VariantRule(
    string doc,
    string? defaultType,
    IReadOnlyList<KeyRule> common,
    params (string Type, KeyRule[] Keys)[] variants
) : ValueRule, IMappingRule
{
    public const string TypeKey = "type";

    private readonly ChoiceRule _types = new([.. variants.Select(v => v.Type)]);

    public IReadOnlyList<(string Type, KeyRule[] Keys)> Variants => variants;

    public IReadOnlyList<KeyRule> Common => common;

    public override string Expected =>
        $"a mapping with a type ({string.Join(", ", _types.Choices)}), for example {{ type: {defaultType ?? _types.Choices[0]} }}";

    /// <summary>The key <c>type</c> itself.</summary>
    public KeyRule Type =>
        new(TypeKey, _types, doc) { Required = defaultType is null, Default = defaultType };

    public ConfigValues Defaults() => new(ObjectRule.DefaultsOf(KeysOf(defaultType!)), "");

    public override object? Read(ConfigNode node, string path, ConfigReading reading)
    {
        if (node is not ConfigMapping mapping)
            return Mismatch(node, path, reading);
        var type = defaultType;
        if (mapping.Find(TypeKey) is { } typeNode)
        {
            type = _types.Read(typeNode, $"{path}.{TypeKey}", reading) as string;
            if (type is null)
                return null;
        }
        if (type is null)
        {
            reading.Report(
                mapping,
                path,
                $"the key 'type' is missing: expected {_types.Expected}."
            );
            return null;
        }
        var keys = KeysOf(type);
        return ObjectRule.ReadKeys(
            mapping,
            path,
            keys,
            name =>
                ObjectRule.Unknown(
                    name,
                    keys,
                    [
                        .. variants
                            .Where(v => v.Keys.Any(k => k.Name == name))
                            .Select(v => $"'{v.Type}'"),
                    ]
                ),
            reading
        );
    }

    public override JsonObject ToJsonSchema()
    {
        var alternatives = new JsonArray();
        foreach (var (type, _) in variants)
        {
            var keys = KeysOf(type)
                .Select(k =>
                    k.Name == TypeKey
                        ? new KeyRule(TypeKey, new ChoiceRule(type), doc)
                        {
                            Required = type != defaultType,
                            Default = type == defaultType ? type : null,
                        }
                        : k
                )
                .ToList();
            alternatives.Add(ObjectRule.SchemaOf(keys));
        }
        return new JsonObject { ["type"] = "object", ["oneOf"] = alternatives };
    }

    private List<KeyRule> KeysOf(string type) =>
        [Type, .. common, .. variants.Single(v => v.Type == type).Keys];
}
