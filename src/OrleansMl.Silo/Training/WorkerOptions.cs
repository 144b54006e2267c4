namespace OrleansMl.Silo.Training;

/// <summary>How a silo runs the worker processes of its compute slots. Section <c>Workers</c>.</summary>
internal sealed class WorkerOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Workers";

    /// <summary>The worker program, a <c>.dll</c> or an executable. Default: <c>worker/OrleansMl.Worker.dll</c> beside the silo, or the worker's own build output in a source tree.</summary>
    public string? Path { get; set; }

    /// <summary>Threads for tensor operations in a worker. Default 1: with more, a crowded machine can slow a step down a hundredfold, and the count is part of what makes a run repeatable.</summary>
    public int Threads { get; set; } = 1;

    /// <summary>Resident bytes past which a worker is killed, so that a leak costs an attempt and not the machine. Default: three quarters of the machine's (or container's) memory, divided by the number of slots.</summary>
    public long? MemoryLimitBytes { get; set; }

    /// <summary>Seconds from a worker's start to its hello. Default 60: a cold disk reads the runtime slowly.</summary>
    public double StartTimeoutSeconds { get; set; } = 60;

    /// <summary>Seconds between a worker's heartbeats. Default 1.</summary>
    public double HeartbeatSeconds { get; set; } = 1;

    /// <summary>Seconds without a heartbeat after which a worker counts as hung and is killed. Default 15: the worker beats on a thread of its own, so a busy trainer still beats.</summary>
    public double HeartbeatTimeoutSeconds { get; set; } = 15;

    /// <summary>Seconds without any sign from the engine (a step, a point, a checkpoint) after which a worker that still beats counts as hung. Default 900: loading a large dataset, a long evaluation and the export say nothing meanwhile.</summary>
    public double StallTimeoutSeconds { get; set; } = 900;

    /// <summary>Seconds between the silo's pings to a worker. Default 1.</summary>
    public double PingSeconds { get; set; } = 1;

    /// <summary>Seconds without a ping after which a worker ends itself: its silo is stopped or gone. Default 15. Longer wastes a device on work that will be refused.</summary>
    public double PingTimeoutSeconds { get; set; } = 15;

    /// <summary>Seconds for which a worker gathers progress before it sends it. Default 0.5.</summary>
    public double ProgressSeconds { get; set; } = 0.5;

    /// <summary>Seconds that a worker has to stop when asked before it is killed. Default 10.</summary>
    public double StopTimeoutSeconds { get; set; } = 10;

    /// <summary>Seconds that a leaving silo gives its workers to write a checkpoint and its reports to be accepted. Default 60. Past it, workers are killed and their runs go on from the checkpoint before.</summary>
    public double HandOverTimeoutSeconds { get; set; } = 60;

    /// <summary>Seconds for which a report is tried again while the run's grain, the database or the artifact store is away; the worker trains on meanwhile. Default 900. Past it, the attempt ends with an error.</summary>
    public double ReportPatienceSeconds { get; set; } = 900;

    /// <summary>Seconds between a silo's reports of its slots to the pool. Default 2; the pool's lease must be several times that.</summary>
    public double SlotReportSeconds { get; set; } = 2;

    /// <summary>Metric points kept for a run whose reports can't be delivered. Default 100,000 (some 20 MB). Past it, the silo stops reading from the worker, which then waits.</summary>
    public int MaxPendingPoints { get; set; } = 100_000;

    /// <summary>Lines of a worker's output that go with a failed attempt. Default 50, the most that a run keeps.</summary>
    public int LogTailLines { get; set; } = 50;

    /// <summary>What is wrong with these values: each entry names the key, what is expected and what came.</summary>
    public IEnumerable<string> Validate()
    {
        (string Key, double Value)[] seconds =
        [
            (nameof(StartTimeoutSeconds), StartTimeoutSeconds),
            (nameof(HeartbeatSeconds), HeartbeatSeconds),
            (nameof(HeartbeatTimeoutSeconds), HeartbeatTimeoutSeconds),
            (nameof(StallTimeoutSeconds), StallTimeoutSeconds),
            (nameof(PingSeconds), PingSeconds),
            (nameof(PingTimeoutSeconds), PingTimeoutSeconds),
            (nameof(ProgressSeconds), ProgressSeconds),
            (nameof(StopTimeoutSeconds), StopTimeoutSeconds),
            (nameof(HandOverTimeoutSeconds), HandOverTimeoutSeconds),
            (nameof(ReportPatienceSeconds), ReportPatienceSeconds),
            (nameof(SlotReportSeconds), SlotReportSeconds),
        ];
        foreach (var (key, value) in seconds)
        {
            if (value is not (>= 0.05 and <= 86_400))
                yield return $"{Section}:{key}: expected seconds from 0.05 to 86400, got {value}.";
        }
        if (HeartbeatTimeoutSeconds < 3 * HeartbeatSeconds)
            yield return $"{Section}:{nameof(HeartbeatTimeoutSeconds)}: expected at least three times {nameof(HeartbeatSeconds)} ({HeartbeatSeconds}), got {HeartbeatTimeoutSeconds}.";
        if (PingTimeoutSeconds < 3 * PingSeconds)
            yield return $"{Section}:{nameof(PingTimeoutSeconds)}: expected at least three times {nameof(PingSeconds)} ({PingSeconds}), got {PingTimeoutSeconds}.";
        if (Threads is < 1 or > 1024)
            yield return $"{Section}:{nameof(Threads)}: expected 1 to 1024, got {Threads}.";
        if (MemoryLimitBytes is < 64L * 1024 * 1024)
            yield return $"{Section}:{nameof(MemoryLimitBytes)}: expected at least 67108864 (64 MiB), got {MemoryLimitBytes}.";
        if (MaxPendingPoints is < 1_000 or > 10_000_000)
            yield return $"{Section}:{nameof(MaxPendingPoints)}: expected 1000 to 10000000, got {MaxPendingPoints}.";
        if (LogTailLines is < 0 or > 50)
            yield return $"{Section}:{nameof(LogTailLines)}: expected 0 to 50, got {LogTailLines}.";
    }
}
