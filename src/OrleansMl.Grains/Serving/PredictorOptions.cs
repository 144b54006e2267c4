using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving;

/// <summary>Limits of this silo's loaded models.</summary>
public sealed class PredictorOptions : ICheckedOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "OrleansMl:Predictor";

    /// <summary>Model versions loaded at a time; the one used longest ago is let go first. A loaded version costs memory alone, no thread. Default 4,096.</summary>
    public int SessionLimit { get; set; } = 4_096;

    /// <summary>
    /// Memory of all loaded versions, each counted as <see cref="SessionOverheadBytes"/> and <see cref="MemoryFactor"/> times its file. The
    /// version used longest ago is let go before another one is loaded; one that is larger than all this is refused. Default 4 GiB, in bytes.
    /// </summary>
    public long MaxSessionBytes { get; set; } = 4L << 30;

    /// <summary>Memory that a version takes for each byte of its ONNX file: its weights, laid out for the processor a second time. Default 2.</summary>
    public double MemoryFactor { get; set; } = 2;

    /// <summary>Memory that a version takes whatever its size. Default 256 KiB, in bytes.</summary>
    public long SessionOverheadBytes { get; set; } = 256 << 10;

    /// <summary>Threads that run models too slow to run on the caller's; all versions share them. Default: the processors.</summary>
    public int Threads { get; set; } = Environment.ProcessorCount;

    /// <summary>Calls under way from one silo to another from which on a version is loaded on one more silo. Default 32.</summary>
    public int CallsPerReplica { get; set; } = 32;

    /// <summary>Versions that load at a time: each takes a thread and memory twice over. Default 2.</summary>
    public int ConcurrentLoads { get; set; } = 2;

    /// <summary>How long after a failed load the version is tried again; doubles up to <see cref="MaxRetryDelay"/>. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest that a version that failed to load rests. Default 1 min.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    IEnumerable<string> ICheckedOptions.Problems()
    {
        var hour = TimeSpan.FromHours(1);
        var tenth = TimeSpan.FromMilliseconds(100);
        return
        [
            .. OptionLimits.Between(nameof(SessionLimit), SessionLimit, 1, 100_000),
            .. OptionLimits.Between(nameof(MaxSessionBytes), MaxSessionBytes, 1 << 20, 1L << 50),
            .. OptionLimits.Between(nameof(Threads), Threads, 1, 1_024),
            .. MemoryFactor is >= 1 and <= 100
                ? Array.Empty<string>()
                : [$"{nameof(MemoryFactor)} must be 1 to 100, got {MemoryFactor}."],
            .. OptionLimits.Between(
                nameof(SessionOverheadBytes),
                SessionOverheadBytes,
                0,
                1L << 30
            ),
            .. OptionLimits.Between(nameof(CallsPerReplica), CallsPerReplica, 1, 1_000_000),
            .. OptionLimits.Between(nameof(ConcurrentLoads), ConcurrentLoads, 1, 64),
            .. OptionLimits.Between(nameof(RetryDelay), RetryDelay, tenth, hour),
            .. OptionLimits.Between(nameof(MaxRetryDelay), MaxRetryDelay, RetryDelay, hour),
        ];
    }
}
