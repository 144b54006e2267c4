namespace OrleansMl.Core.Serving.Caching;

/// <summary>The room of this silo's cache of answers; section <c>OrleansMl:ResponseCache</c>. Which models use it is in their serving policies.</summary>
public sealed class ResponseCacheOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "OrleansMl:ResponseCache";

    /// <summary>Bytes of all kept answers of all models, with what keeping one costs beside its tensors; 1 MiB to 1 TiB. Those least used go first.</summary>
    /// <value>The default is 64 MiB.</value>
    public long MaxBytes { get; set; } = 64L << 20;
}
