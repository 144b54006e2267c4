namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>All rows of one split in memory.</summary>
/// <param name="Split"><c>train</c>, <c>validation</c> or <c>test</c>.</param>
/// <param name="Rows">How many.</param>
/// <param name="Features">A column a group of the network's inputs.</param>
/// <param name="Targets">A column a head.</param>
internal sealed record SplitTable(
    string Split,
    int Rows,
    IReadOnlyList<FeatureColumn> Features,
    IReadOnlyList<TargetColumn> Targets
);
