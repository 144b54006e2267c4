namespace OrleansMl.Storage.Artifacts;

/// <summary>Where the bytes of data sets, checkpoints and models are kept.</summary>
public sealed class ArtifactOptions
{
    /// <summary>Which store. Default: local files, because they need nothing.</summary>
    public ArtifactKind Kind { get; set; } = ArtifactKind.Local;

    /// <summary>The folder of the local store. A silo's default is in its data folder; without a silo it is <c>artifacts/store</c>.</summary>
    public string Path { get; set; } = "artifacts/store";

    /// <summary>The folder of the read-through cache that stands before PostgreSQL or S3, one for each silo process. A silo's default is in its data folder; without a silo it is <c>artifacts/cache</c>.</summary>
    public string CachePath { get; set; } = "artifacts/cache";

    /// <summary>Bytes that the cache may hold. Default 20 GiB: some data sets with their models. Smaller means more fetching; what is in use is kept even above it.</summary>
    public long CacheBytes { get; set; } = 20L << 30;

    /// <summary>The bucket, for <see cref="ArtifactKind.S3"/>.</summary>
    public S3ArtifactOptions S3 { get; set; } = new();

    /// <summary>How silos fetch from each other, for <see cref="ArtifactKind.Local"/>.</summary>
    public PeerArtifactOptions Peers { get; set; } = new();

    /// <summary>Garbage collection.</summary>
    public ArtifactCollectorOptions Collector { get; set; } = new();
}
