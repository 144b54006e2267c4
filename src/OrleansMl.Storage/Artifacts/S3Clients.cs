using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace OrleansMl.Storage.Artifacts;

/// <summary>Makes S3 clients that Amazon and compatible servers both answer.</summary>
internal static class S3Clients
{
    /// <summary>A client of the options; null credentials: those that the AWS SDK finds.</summary>
    public static IAmazonS3 Create(S3ArtifactOptions options, AWSCredentials? credentials)
    {
        var config = new AmazonS3Config
        {
            // Newer checksum trailers are unknown to many servers; what is read is verified by its SHA-256 anyway.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
            config.AuthenticationRegion = options.Region;
            config.ForcePathStyle = true;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }
        return credentials is null
            ? new AmazonS3Client(config)
            : new AmazonS3Client(credentials, config);
    }
}
