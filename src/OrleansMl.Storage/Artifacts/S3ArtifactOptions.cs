namespace OrleansMl.Storage.Artifacts;

/// <summary>A bucket. The keys come from where the AWS SDK looks: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the machine's role; never from configuration files.</summary>
public sealed class S3ArtifactOptions
{
    /// <summary>The bucket; it must exist. No default.</summary>
    public string Bucket { get; set; } = "";

    /// <summary>What keys begin with, so that a bucket can be shared. Default <c>oml/</c>.</summary>
    public string Prefix { get; set; } = "oml/";

    /// <summary>The address of an S3-compatible server; null: Amazon's own for <see cref="Region"/>.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The region. Default <c>us-east-1</c>, which S3-compatible servers take.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Mebibytes a part: larger artifacts are sent in parts of this size. Default 16, at least 5 (S3's own limit); more needs fewer requests and repeats more after a broken one.</summary>
    public int PartMebibytes { get; set; } = 16;
}
