using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Artifacts;

namespace OrleansMl.Storage.Tests.Artifacts;

public sealed class S3ArtifactStoreTests(S3Server server) : ArtifactStoreContract
{
    private readonly S3ArtifactOptions _options = new()
    {
        Bucket = S3Server.Bucket,
        Prefix = $"test-{Guid.NewGuid():N}/",
        PartMebibytes = 5,
    };
    private IAmazonS3 _s3 = null!;

    /// <summary>Three parts.</summary>
    protected override int LargeBytes => (11 << 20) + 12_345;

    protected override bool UsesTestClock => false;

    [Fact]
    public async Task A_foreign_object_under_the_prefix_is_passed_over()
    {
        var info = await PutAsync(Content(10));
        await _s3.PutObjectAsync(Object($"{_options.Prefix}README", Content(5)), Token);

        Assert.Equal([info], await ListAsync());
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_named()
    {
        var missing = new S3ArtifactOptions
        {
            Bucket = "oml-missing",
            Endpoint = _options.Endpoint,
        };
        using var store = Open(Client(missing), missing);

        var error = await Assert.ThrowsAsync<IOException>(() =>
            store.PutAsync(new MemoryStream(Content(10)), Token)
        );

        Assert.Contains("'oml-missing'", error.Message, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Wrong_keys_are_refused_with_what_to_check()
    {
        using var store = Open(
            S3Clients.Create(_options, new BasicAWSCredentials("nobody", "nothing")),
            _options
        );

        var error = await Assert.ThrowsAsync<IOException>(() =>
            store.PutAsync(new MemoryStream(Content(10)), Token)
        );

        Assert.Contains("AWS_ACCESS_KEY_ID", error.Message, StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task An_upload_that_breaks_between_parts_is_dropped_and_leaves_no_artifact()
    {
        using var client = new BreakingClient((AmazonS3Config)_s3.Config);
        using var store = Open(client, _options);

        var error = await Assert.ThrowsAsync<IOException>(() =>
            store.PutAsync(new MemoryStream(Content(LargeBytes)), Token)
        );

        Assert.Contains("The line broke.", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, client.Aborts);
        Assert.Empty(await ListAsync());
        await AssertNothingLeftAsync();
    }

    protected override async Task<IArtifactStore> CreateAsync()
    {
        _options.Endpoint = await server.AddressAsync();
        _s3 = Client(_options);
        return Open(_s3, _options);
    }

    protected override Task DamageAsync(ArtifactId id, byte[] content)
    {
        var damaged = (byte[])content.Clone();
        damaged[damaged.Length / 2] ^= 1;
        return _s3.PutObjectAsync(
            Object($"{_options.Prefix}{id.Hex[..2]}/{id.Hex}", damaged),
            Token
        );
    }

    protected override Task AssertNothingLeftAsync()
    {
        Assert.Empty(Files());
        return Task.CompletedTask;
    }

    private static IAmazonS3 Client(S3ArtifactOptions options) =>
        S3Clients.Create(options, new BasicAWSCredentials(S3Server.Key, S3Server.Key));

    private static PutObjectRequest Object(string key, byte[] content) =>
        new()
        {
            BucketName = S3Server.Bucket,
            Key = key,
            InputStream = new MemoryStream(content),
            UseChunkEncoding = false,
        };

    private S3ArtifactStore Open(IAmazonS3 s3, S3ArtifactOptions options) =>
        new(
            s3,
            options,
            new LocalArtifactStore(Folder, Time, NullLogger<LocalArtifactStore>.Instance),
            NullLogger<S3ArtifactStore>.Instance
        );

    /// <summary>Breaks at the second part.</summary>
    private sealed class BreakingClient(AmazonS3Config config)
        : AmazonS3Client(new BasicAWSCredentials(S3Server.Key, S3Server.Key), config)
    {
        public int Aborts { get; private set; }

        public override Task<UploadPartResponse> UploadPartAsync(
            UploadPartRequest request,
            CancellationToken cancellationToken = default
        ) =>
            request.PartNumber == 2
                ? throw new HttpRequestException("The line broke.")
                : base.UploadPartAsync(request, cancellationToken);

        public override Task<AbortMultipartUploadResponse> AbortMultipartUploadAsync(
            AbortMultipartUploadRequest request,
            CancellationToken cancellationToken = default
        )
        {
            Aborts++;
            return base.AbortMultipartUploadAsync(request, cancellationToken);
        }
    }
}
