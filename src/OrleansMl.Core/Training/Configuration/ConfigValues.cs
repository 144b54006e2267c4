namespace OrleansMl.Core.Training.Configuration;

/// <summary>A checked mapping, its absent keys filled with their defaults.</summary>
internal sealed class ConfigValues(IReadOnlyDictionary<string, object> values, string path)
{
    /// <summary>Where it stands in the document.</summary>
    public string Path => path;

    public string Text(string key) => (string)values[key];

    public string? OptionalText(string key) => values.GetValueOrDefault(key) as string;

    public double Number(string key) => (double)values[key];

    public double? OptionalNumber(string key) => (double?)values.GetValueOrDefault(key);

    public int Integer(string key) => checked((int)(long)values[key]);

    public long Long(string key) => (long)values[key];

    public long? OptionalLong(string key) => (long?)values.GetValueOrDefault(key);

    public bool Flag(string key) => (bool)values[key];

    public ConfigValues Mapping(string key) => (ConfigValues)values[key];

    public ConfigValues? OptionalMapping(string key) =>
        values.GetValueOrDefault(key) as ConfigValues;

    public IReadOnlyList<T> List<T>(string key) =>
        [.. ((IEnumerable<object>)values[key]).Cast<T>()];

    public IReadOnlyList<string>? OptionalTexts(string key) =>
        values.ContainsKey(key) ? List<string>(key) : null;

    public IReadOnlyList<double>? OptionalNumbers(string key) =>
        values.ContainsKey(key) ? List<double>(key) : null;

    public IReadOnlyList<int> Integers(string key) =>
        [.. List<long>(key).Select(v => checked((int)v))];

    public IReadOnlyDictionary<string, object>? OptionalMap(string key) =>
        values.GetValueOrDefault(key) as IReadOnlyDictionary<string, object>;

    /// <summary>The word as an enum: <c>before_last</c> is BeforeLast.</summary>
    public TEnum Choice<TEnum>(string key)
        where TEnum : struct, Enum =>
        Enum.Parse<TEnum>(Text(key).Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
