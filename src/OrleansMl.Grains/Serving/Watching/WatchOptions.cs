using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>Limits of watching models on a silo.</summary>
public sealed class WatchOptions : ICheckedOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "OrleansMl:Watch";

    /// <summary>Copied calls that wait to be looked at; a further one is dropped and counted. Default 20,000.</summary>
    public int QueuedCalls { get; set; } = 20_000;

    /// <summary>Bytes of tensors of the calls that wait. Default 64 MiB, in bytes.</summary>
    public long QueuedBytes { get; set; } = 64L << 20;

    /// <summary>How often the calls that wait are looked at. Default 100 ms: callers pay for no wake-up, and the numbers are needed no sooner.</summary>
    public TimeSpan DrainPeriod { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often a silo reports its counts to the models' grains. Default 5 s.</summary>
    public TimeSpan ReportPeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often predictions whose quality is watched are written to where they wait for their outcomes. Default 1 s: outcomes of younger ones are kept until then.</summary>
    public TimeSpan PredictionPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after its end a window waits for the silos' last reports. Default 15 s: three reports.</summary>
    public TimeSpan ClosingGrace { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Versions that a silo counts at a time; past it, calls of further ones are dropped and counted. Each takes some 10 KB, more with many inputs. Default 1,000.</summary>
    public int VersionLimit { get; set; } = 1_000;

    /// <summary>Windows that a silo holds of a version while the model's grain can't be asked; past it the oldest is lost. Default 8.</summary>
    public int UnreportedWindows { get; set; } = 8;

    /// <summary>Versions of one model whose statistics its grain keeps; those called longest ago go. Default 8.</summary>
    public int VersionsPerModel { get; set; } = 8;

    /// <summary>Cleared alerts that a model's grain keeps. Default 200.</summary>
    public int ClearedAlerts { get; set; } = 200;

    IEnumerable<string> ICheckedOptions.Problems()
    {
        var hour = TimeSpan.FromHours(1);
        var tick = TimeSpan.FromMilliseconds(10);
        return
        [
            .. OptionLimits.Between(nameof(QueuedCalls), QueuedCalls, 1, 10_000_000),
            .. OptionLimits.Between(nameof(QueuedBytes), QueuedBytes, 1 << 16, 1L << 40),
            .. OptionLimits.Between(nameof(DrainPeriod), DrainPeriod, tick, hour),
            .. OptionLimits.Between(nameof(ReportPeriod), ReportPeriod, tick, hour),
            .. OptionLimits.Between(nameof(PredictionPeriod), PredictionPeriod, tick, hour),
            .. OptionLimits.Between(nameof(ClosingGrace), ClosingGrace, TimeSpan.Zero, hour),
            .. OptionLimits.Between(nameof(VersionLimit), VersionLimit, 1, 1_000_000),
            .. OptionLimits.Between(nameof(UnreportedWindows), UnreportedWindows, 2, 1_000),
            .. OptionLimits.Between(nameof(VersionsPerModel), VersionsPerModel, 1, 100),
            .. OptionLimits.Between(nameof(ClearedAlerts), ClearedAlerts, 0, 10_000),
        ];
    }
}
