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
        using var store = new S3ArtifactStore(Client(missing), missing, Staging());

        var error = await Assert.ThrowsAsync<IOException>(() =>
            store.PutAsync(new MemoryStream(Content(10)), Token)
        );

        Assert.Contains("'oml-missing'", error.Message, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Wrong_keys_are_refused_with_what_to_check()
    {
        using var store = new S3ArtifactStore(
            S3Clients.Create(_options, new BasicAWSCredentials("nobody", "nothing")),
            _options,
            Staging()
        );

        var error = await Assert.ThrowsAsync<IOException>(() =>
            store.PutAsync(new MemoryStream(Content(10)), Token)
        );

        Assert.Contains("AWS_ACCESS_KEY_ID", error.Message, StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
    }

    protected override async Task<IArtifactStore> CreateAsync()
    {
        _options.Endpoint = await server.AddressAsync();
        _s3 = Client(_options);
        return new S3ArtifactStore(_s3, _options, Staging());
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

    private LocalArtifactStore Staging() =>
        new(Folder, Time, NullLogger<LocalArtifactStore>.Instance);
}
