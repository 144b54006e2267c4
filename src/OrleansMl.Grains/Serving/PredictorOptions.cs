using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving;

/// <summary>Limits of this silo's loaded models.</summary>
public sealed class PredictorOptions : ICheckedOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "OrleansMl:Predictor";

    /// <summary>Model versions loaded at a time; the one used longest ago is let go first. Default 32.</summary>
    public int SessionLimit { get; set; } = 32;

    /// <summary>Size of all loaded versions' ONNX files: a measure of the memory that they take, some 1 to 3 times as much. Default 4 GiB, in bytes.</summary>
    public long MaxSessionBytes { get; set; } = 4L << 30;

    /// <summary>Threads that run models too slow to run on the caller's. Default: the processors.</summary>
    public int Threads { get; set; } = Environment.ProcessorCount;

    /// <summary>Calls that wait for such a thread; a further one is refused. Default 1,024.</summary>
    public int QueueLimit { get; set; } = 1_024;

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
            .. OptionLimits.Between(nameof(SessionLimit), SessionLimit, 1, 10_000),
            .. OptionLimits.Between(nameof(MaxSessionBytes), MaxSessionBytes, 1 << 20, 1L << 50),
            .. OptionLimits.Between(nameof(Threads), Threads, 1, 1_024),
            .. OptionLimits.Between(nameof(QueueLimit), QueueLimit, 1, 1_000_000),
            .. OptionLimits.Between(nameof(ConcurrentLoads), ConcurrentLoads, 1, 64),
            .. OptionLimits.Between(nameof(RetryDelay), RetryDelay, tenth, hour),
            .. OptionLimits.Between(nameof(MaxRetryDelay), MaxRetryDelay, RetryDelay, hour),
        ];
    }
}
