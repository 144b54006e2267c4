using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Datasets;

/// <summary>Limits of a dataset's grain.</summary>
public sealed class DatasetOptions : ICheckedOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "OrleansMl:Datasets";

    /// <summary>Versions a dataset may have at a time; each costs some 300 bytes of its state. Default 1,000.</summary>
    public int VersionLimit { get; set; } = 1_000;

    /// <summary>Runs and model versions that may need versions of one dataset; each costs some 60 bytes of its state. Default 50,000.</summary>
    public int HoldLimit { get; set; } = 50_000;

    /// <summary>Newest commands whose answers are kept, to answer a repeat alike. Default 200.</summary>
    public int RecentCommands { get; set; } = 200;

    /// <summary>Size of one manifest as JSON: schema, shards, statistics. It rides in messages. Default 2 MiB, in bytes.</summary>
    public int MaxManifestBytes { get; set; } = 2 << 20;

    IEnumerable<string> ICheckedOptions.Problems() =>
        [
            .. OptionLimits.Between(nameof(VersionLimit), VersionLimit, 1, 10_000),
            .. OptionLimits.Between(nameof(HoldLimit), HoldLimit, 1, 1_000_000),
            .. OptionLimits.Between(nameof(RecentCommands), RecentCommands, 16, 10_000),
            .. OptionLimits.Between(nameof(MaxManifestBytes), MaxManifestBytes, 1 << 10, 3 << 20),
        ];
}
