namespace OrleansMl.Core.Training.Configuration;

/// <summary>A list.</summary>
internal sealed record ConfigSequence(int Line, int Column, IReadOnlyList<ConfigNode> Items)
    : ConfigNode(Line, Column)
{
    public override long Size { get; } = 1 + Items.Sum(i => i.Size);

    public override int Depth { get; } = 1 + Items.Select(i => i.Depth).DefaultIfEmpty().Max();

    public override string Kind => $"a list of {Items.Count}";
}
