using OrleansMl.Contracts.Models;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>A version that this silo counts. Only the thread that looks at calls changes it.</summary>
internal sealed class WatchedVersionCounts(ModelVersionId version)
{
    // While the profile is read, which takes some calls to grains.
    private const int MaxPending = 256;

    public ModelVersionId Version => version;

    /// <summary>The policy's revision that the profile is read for, or was.</summary>
    public long Revision { get; set; } = -1;

    /// <summary>The profile, when it is read.</summary>
    public Task<VersionProfile>? Loading { get; set; }

    /// <summary>Null until the first profile is there.</summary>
    public volatile VersionCounter? Counter;

    public Queue<QueuedCall> Pending { get; } = new();

    public bool TryHold(QueuedCall call)
    {
        if (Pending.Count >= MaxPending)
            return false;
        Pending.Enqueue(call);
        return true;
    }
}
