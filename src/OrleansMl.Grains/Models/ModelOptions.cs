using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Models;

/// <summary>Limits of a model's grain. Its state is read and written whole, so it stays small however many versions there are.</summary>
public sealed class ModelOptions : ICheckedOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "OrleansMl:Models";

    /// <summary>Alias moves kept, newest first. More costs state: some 200 bytes each. Default 1,000.</summary>
    public int HistoryLimit { get; set; } = 1_000;

    /// <summary>Aliases a model may have. Default 64.</summary>
    public int AliasLimit { get; set; } = 64;

    /// <summary>Newest commands whose answers are kept, to answer a repeat alike; fewer forget sooner. Default 1,000.</summary>
    public int RecentCommands { get; set; } = 1_000;

    /// <summary>Size of one version's record as JSON: signature, lineage with its YAML, scores. Default 1 MiB, in bytes.</summary>
    public int MaxVersionBytes { get; set; } = 1 << 20;

    IEnumerable<string> ICheckedOptions.Problems() =>
        [
            .. OptionLimits.Between(nameof(HistoryLimit), HistoryLimit, 1, 1_000),
            .. OptionLimits.Between(nameof(AliasLimit), AliasLimit, 1, 1_000),
            .. OptionLimits.Between(nameof(RecentCommands), RecentCommands, 16, 100_000),
            .. OptionLimits.Between(nameof(MaxVersionBytes), MaxVersionBytes, 1 << 10, 3 << 20),
        ];
}
