namespace OrleansMl.Storage.Artifacts;

/// <summary>When artifacts that nothing refers to are deleted.</summary>
public sealed class ArtifactCollectorOptions
{
    /// <summary>Whether silos collect by themselves. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Minutes between two collections. Default 60; less frees space sooner and lists the store more often.</summary>
    public int IntervalMinutes { get; set; } = 60;

    /// <summary>Hours that an unreferenced artifact is spared after it was last put. Default 24: longer than any import or training takes from its first shard to the reference.</summary>
    public int GraceHours { get; set; } = 24;
}
