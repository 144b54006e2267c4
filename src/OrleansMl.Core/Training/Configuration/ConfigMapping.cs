namespace OrleansMl.Core.Training.Configuration;

/// <summary>A mapping; keys are single values, none twice.</summary>
internal sealed record ConfigMapping(
    int Line,
    int Column,
    IReadOnlyList<KeyValuePair<ConfigScalar, ConfigNode>> Entries
) : ConfigNode(Line, Column)
{
    public override long Size { get; } = 1 + Entries.Sum(e => 1 + e.Value.Size);

    public override int Depth { get; } =
        1 + Entries.Select(e => e.Value.Depth).DefaultIfEmpty().Max();

    public override string Kind => "a mapping";

    public ConfigNode? Find(string key) =>
        Entries.FirstOrDefault(e => e.Key.Text == key) is { Key: not null } entry
            ? entry.Value
            : null;
}
