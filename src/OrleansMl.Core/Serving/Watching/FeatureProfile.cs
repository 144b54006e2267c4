using System.Collections.Frozen;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>How one input or output is counted, and what the reference has of it. Immutable.</summary>
public sealed record FeatureProfile
{
    /// <summary>What a category that is none of <see cref="Categories"/> but in the reference is counted as.</summary>
    public const string Other = "(other)";

    /// <summary>What a category that the reference never had is counted as.</summary>
    public const string Unseen = "(unseen)";

    /// <summary>Its name in the signature.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is an output.</summary>
    public required bool IsOutput { get; init; }

    /// <summary>Its datatype in the Open Inference Protocol.</summary>
    public required string Datatype { get; init; }

    /// <summary>Whether values are categories, not numbers.</summary>
    public required bool IsCategory { get; init; }

    /// <summary>Numbers: what a raw value is multiplied by before it is counted; 1/255 for an image's bytes.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether the largest element of a row stands for the row: the confidence of probabilities.</summary>
    public bool Largest { get; init; }

    /// <summary>Numbers: upper ends of all bins but the last, ascending; a value at an end is in its bin. Empty: not binned.</summary>
    public IReadOnlyList<double> Edges { get; init; } = [];

    /// <summary>Categories with a count of their own, then <see cref="Other"/> and <see cref="Unseen"/>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>The bin of each of the reference's categories.</summary>
    public FrozenDictionary<string, int> CategoryBins { get; init; } =
        FrozenDictionary<string, int>.Empty;

    /// <summary>Whether the reference's values are all known, so that another is unseen and not just other.</summary>
    public bool CategoriesComplete { get; init; }

    /// <summary>The reference's values by bin or category; empty: nothing to compare with.</summary>
    public IReadOnlyList<long> Expected { get; init; } = [];

    /// <summary>Share of the reference's rows without a value; null: no reference.</summary>
    public double? ExpectedMissing { get; init; }

    /// <summary>Numbers: the reference's middle value; null: no outliers are looked for.</summary>
    public double? Center { get; init; }

    /// <summary>Numbers: the reference's spread, above 0: its interquartile range / 1.349, or its standard deviation where more than half of it is one value.</summary>
    public double? Spread { get; init; }

    /// <summary>Numbers: the reference's mean, after <see cref="Scale"/>.</summary>
    public double? Mean { get; init; }

    /// <summary>How many counts it takes.</summary>
    public int BinCount =>
        IsCategory ? Categories.Count
        : Edges.Count == 0 ? 0
        : Edges.Count + 1;

    /// <summary>The bin of a number: the first whose upper end is not below it.</summary>
    public int BinOf(double value)
    {
        var (low, high) = (0, Edges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Edges[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>The bin of a category.</summary>
    public int BinOf(string category) =>
        CategoryBins.TryGetValue(category, out var bin) ? bin
        : CategoriesComplete ? Categories.Count - 1
        : Categories.Count - 2;

    /// <summary>A bin in words.</summary>
    public string Label(int bin) =>
        IsCategory ? Categories[bin]
        : bin == 0 ? $"(-∞, {Edges[0]:G6}]"
        : bin == Edges.Count ? $"({Edges[^1]:G6}, ∞)"
        : $"({Edges[bin - 1]:G6}, {Edges[bin]:G6}]";
}
