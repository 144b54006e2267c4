namespace OrleansMl.Storage.Artifacts;

/// <summary>How silos fetch artifacts from each other's disks.</summary>
public sealed class PeerArtifactOptions
{
    /// <summary>What a silo shows to another, the same in the whole cluster, at least 16 characters. Empty (default): silos neither ask nor answer.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Seconds until another silo must have begun to answer. Default 10.</summary>
    public int AnswerTimeoutSeconds { get; set; } = 10;

    /// <summary>Seconds without a byte after which another silo is given up on. Default 30.</summary>
    public int IdleTimeoutSeconds { get; set; } = 30;
}
