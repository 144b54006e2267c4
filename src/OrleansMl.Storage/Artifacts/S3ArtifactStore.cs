using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>
/// Artifacts as objects <c>PREFIXab/abcd…</c> of a bucket. A put is first written to the local disk, which gives its name
/// and size, and then sent in one request or in parts: S3 shows an object only when it is whole. What a crash leaves of
/// parts is the bucket's lifecycle rule to remove (AbortIncompleteMultipartUpload). Thread-safe.
/// </summary>
internal sealed partial class S3ArtifactStore(
    IAmazonS3 s3,
    S3ArtifactOptions options,
    LocalArtifactStore staging,
    ILogger<S3ArtifactStore> logger
) : IArtifactStore, IArtifactExpiry, IStagedArtifactStore, IDisposable
{
    private readonly ArtifactTurns _turns = new();

    private long PartBytes => (long)options.PartMebibytes << 20;

    private string Place =>
        $"the bucket '{options.Bucket}' at {options.Endpoint?.ToString() ?? options.Region}";

    public async Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        using var staged = await staging.StageAsync(content, cancellationToken);
        return await PutStagedAsync(staged, cancellationToken);
    }

    public async Task<ArtifactInfo> PutStagedAsync(
        StagedArtifact staged,
        CancellationToken cancellationToken
    )
    {
        // The same bytes once more are sent after the first: nobody gains by sending them side by side.
        using var turn = await _turns.TakeAsync(staged.Id, cancellationToken);
        await AskAsync(
            $"store artifact {staged.Id}",
            async () =>
            {
                if (staged.Bytes <= PartBytes)
                    await s3.PutObjectAsync(
                        new PutObjectRequest
                        {
                            BucketName = options.Bucket,
                            Key = KeyOf(staged.Id),
                            InputStream = staged.OpenRead(),
                            AutoCloseStream = false,
                            UseChunkEncoding = false,
                        },
                        cancellationToken
                    );
                else
                    await PutPartsAsync(staged, cancellationToken);
                return true;
            }
        );
        return await FindAsync(staged.Id, cancellationToken)
            ?? throw new IOException(
                $"Artifact {staged.Id} is not in {Place} right after it was stored there: check that nothing deletes from it."
            );
    }

    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken) =>
        AskAsync(
            $"find artifact {id}",
            async () =>
            {
                try
                {
                    var head = await s3.GetObjectMetadataAsync(
                        new GetObjectMetadataRequest
                        {
                            BucketName = options.Bucket,
                            Key = KeyOf(id),
                        },
                        cancellationToken
                    );
                    return new ArtifactInfo(id, head.ContentLength, Moment(head.LastModified));
                }
                catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
                {
                    return null;
                }
            }
        );

    public async Task<Stream> OpenReadAsync(
        ArtifactId id,
        ArtifactRange? range,
        CancellationToken cancellationToken
    )
    {
        var info = await FindAsync(id, cancellationToken) ?? throw NotFound(id);
        var (offset, length) = ArtifactReadStream.Cut(range, info.Bytes);
        var place = $"{Place}, key '{KeyOf(id)}'";
        if (length == 0)
            return new ArtifactReadStream(Stream.Null, id, place, 0, range is null);
        var response = await AskAsync(
            $"read artifact {id}",
            async () =>
            {
                try
                {
                    return await s3.GetObjectAsync(
                        new GetObjectRequest
                        {
                            BucketName = options.Bucket,
                            Key = KeyOf(id),
                            ByteRange = range is null
                                ? null
                                : new ByteRange(offset, offset + length - 1),
                        },
                        cancellationToken
                    );
                }
                catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
                {
                    throw NotFound(id);
                }
            }
        );
        return new ArtifactReadStream(
            response.ResponseStream,
            id,
            place,
            length,
            range is null,
            response
        );
    }

    public async IAsyncEnumerable<ArtifactInfo> ListAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var request = new ListObjectsV2Request
        {
            BucketName = options.Bucket,
            Prefix = options.Prefix,
        };
        while (true)
        {
            var page = await AskAsync(
                "list artifacts",
                () => s3.ListObjectsV2Async(request, cancellationToken)
            );
            foreach (var entry in page.S3Objects ?? [])
            {
                var name = entry.Key[(entry.Key.LastIndexOf('/') + 1)..];
                if (ArtifactId.TryParse(name, null, out var id) && entry.Key == KeyOf(id))
                    yield return new ArtifactInfo(id, entry.Size ?? 0, Moment(entry.LastModified));
            }
            if (page.IsTruncated != true)
                yield break;
            request.ContinuationToken = page.NextContinuationToken;
        }
    }

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken) =>
        DeleteOlderAsync(id, DateTimeOffset.MaxValue, cancellationToken);

    /// <summary>S3 can't compare and delete in one step; the moment between is far below any grace period.</summary>
    public async Task<bool> DeleteOlderAsync(
        ArtifactId id,
        DateTimeOffset storedBefore,
        CancellationToken cancellationToken
    )
    {
        var info = await FindAsync(id, cancellationToken);
        if (info is null || info.StoredAt >= storedBefore)
            return false;
        await AskAsync(
            $"delete artifact {id}",
            () =>
                s3.DeleteObjectAsync(
                    new DeleteObjectRequest { BucketName = options.Bucket, Key = KeyOf(id) },
                    cancellationToken
                )
        );
        return true;
    }

    public void Dispose() => s3.Dispose();

    private string KeyOf(ArtifactId id) => $"{options.Prefix}{id.Hex[..2]}/{id.Hex}";

    private ArtifactNotFoundException NotFound(ArtifactId id) =>
        new($"Artifact {id} is not in {Place}.");

    /// <summary>A listing gives milliseconds, a HEAD whole seconds: one artifact has one age.</summary>
    private static DateTimeOffset Moment(DateTime? modified)
    {
        var utc = modified?.ToUniversalTime() ?? DateTime.UnixEpoch;
        return new DateTimeOffset(utc.Ticks - utc.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
    }

    private async Task PutPartsAsync(StagedArtifact staged, CancellationToken cancellationToken)
    {
        var key = KeyOf(staged.Id);
        var begun = await s3.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = options.Bucket, Key = key },
            cancellationToken
        );
        try
        {
            var content = staged.OpenRead();
            var parts = new List<PartETag>();
            while (parts.Count * PartBytes < staged.Bytes)
            {
                var offset = parts.Count * PartBytes;
                content.Position = offset;
                var sent = await s3.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = options.Bucket,
                        Key = key,
                        UploadId = begun.UploadId,
                        PartNumber = parts.Count + 1,
                        PartSize = Math.Min(PartBytes, staged.Bytes - offset),
                        InputStream = content,
                        UseChunkEncoding = false,
                    },
                    cancellationToken
                );
                parts.Add(new PartETag(parts.Count + 1, sent.ETag));
            }
            await s3.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest
                {
                    BucketName = options.Bucket,
                    Key = key,
                    UploadId = begun.UploadId,
                    PartETags = parts,
                },
                cancellationToken
            );
        }
        catch
        {
            await DropPartsAsync(key, begun.UploadId);
            throw;
        }
    }

    /// <summary>Even when the caller gave up: parts cost money until they are dropped. What broke the upload is the error to tell, so that a failure here is only logged.</summary>
    private async Task DropPartsAsync(string key, string upload)
    {
        try
        {
            await s3.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest
                {
                    BucketName = options.Bucket,
                    Key = key,
                    UploadId = upload,
                },
                CancellationToken.None
            );
        }
        catch (Exception e)
            when (e is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            LogPartsLeft(key, Place, e);
        }
    }

    [LoggerMessage(
        EventId = 4141,
        Level = LogLevel.Warning,
        Message = "Parts of '{Key}' may be left in {Place}: a lifecycle rule (AbortIncompleteMultipartUpload) removes them"
    )]
    private partial void LogPartsLeft(string key, string place, Exception exception);

    private async Task<T> AskAsync<T>(string what, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e)
            when (e is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            throw new IOException(
                $"Could not {what} in {Place}: {e.Message} Check the bucket, the keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) and the address.",
                e
            );
        }
    }
}
