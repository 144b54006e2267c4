namespace OrleansMl.Storage.Artifacts;

/// <summary>Where artifacts are kept.</summary>
public enum ArtifactKind
{
    /// <summary>Files on each silo's disk; a silo fetches what only another has.</summary>
    Local,

    /// <summary>The PostgreSQL database, in chunks: nothing else to run or back up, for some tens of gigabytes.</summary>
    PostgreSql,

    /// <summary>An S3 bucket, or a server that speaks its protocol.</summary>
    S3,
}
