using OrleansMl.Contracts.Models;

namespace OrleansMl.Grains.Serving.Residency;

/// <summary>A serving silo as this one sees it. Thread-safe.</summary>
internal sealed class ServingSilo(SiloAddress address, string name)
{
    private volatile HashSet<ModelVersionId> _warm = [];
    private int _calls;
    private int _waiting;

    public SiloAddress Address => address;

    public string Name => name;

    /// <summary>The revision that was last reported; -1: none.</summary>
    public long Revision { get; private set; } = -1;

    /// <summary>This silo's calls under way there, and what it last said waits.</summary>
    public int Busy => Volatile.Read(ref _calls) + Volatile.Read(ref _waiting);

    public bool HasWarm(ModelVersionId version) => _warm.Contains(version);

    public void Begin() => Interlocked.Increment(ref _calls);

    public void End() => Interlocked.Decrement(ref _calls);

    /// <summary>Takes a report; only one thread at a time does.</summary>
    public void Reported(ServingReport report)
    {
        Volatile.Write(ref _waiting, report.Waiting);
        if (report.Warm is { } warm)
            _warm = [.. warm];
        Revision = report.Revision;
    }

    /// <summary>It has just answered a call of it.</summary>
    public void Answered(ModelVersionId version)
    {
        if (!_warm.Contains(version))
            _warm = [.. _warm, version];
    }
}
