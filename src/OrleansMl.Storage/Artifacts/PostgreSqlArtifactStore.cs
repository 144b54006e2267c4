using System.Buffers;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Artifacts;

/// <summary>
/// Artifacts as rows of one mebibyte. A put is one transaction, so that half of one is never seen and a crash leaves
/// nothing; a read takes a chunk at a time and holds no connection between two. Thread-safe.
/// </summary>
internal sealed class PostgreSqlArtifactStore(Database database, TimeProvider time)
    : IArtifactStore,
        IArtifactExpiry
{
    private const int ChunkBytes = 1 << 20;
    private const int PageRows = 1000;

    public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        const string What = "store an artifact";
        if (!content.CanSeek)
            return database.TransactOnceAsync(
                What,
                (connection, token) => WriteAsync(connection, content, token),
                cancellationToken
            );
        var start = content.Position;
        return database.TransactAsync(
            What,
            (connection, token) =>
            {
                content.Position = start;
                return WriteAsync(connection, content, token);
            },
            cancellationToken
        );
    }

    public async Task<ArtifactInfo?> FindAsync(
        ArtifactId id,
        CancellationToken cancellationToken
    ) => (await FindRowAsync(id, cancellationToken))?.Info;

    public async Task<Stream> OpenReadAsync(
        ArtifactId id,
        ArtifactRange? range,
        CancellationToken cancellationToken
    )
    {
        var row =
            await FindRowAsync(id, cancellationToken)
            ?? throw new ArtifactNotFoundException(
                $"Artifact {id} is not in the database {database.Location}."
            );
        var (offset, length) = ArtifactReadStream.Cut(range, row.Info.Bytes);
        return new ArtifactReadStream(
            new PostgreSqlChunkStream(database, id, row.Upload, row.ChunkBytes, offset),
            id,
            $"the database {database.Location}",
            length,
            range is null
        );
    }

    public async IAsyncEnumerable<ArtifactInfo> ListAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var after = "";
        while (true)
        {
            var start = after;
            var page = await database.ExecuteAsync(
                "list artifacts",
                (connection, token) =>
                    connection.QueryAsync(
                        "SELECT artifact, bytes, stored_ticks FROM oml_artifact WHERE artifact > @after ORDER BY artifact LIMIT @limit",
                        row => new ArtifactInfo(
                            ArtifactId.Parse(row.GetString(0)),
                            row.GetInt64(1),
                            new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero)
                        ),
                        token,
                        ("after", start),
                        ("limit", PageRows)
                    ),
                cancellationToken
            );
            foreach (var info in page)
                yield return info;
            if (page.Count < PageRows)
                yield break;
            after = page[^1].Id.Hex;
        }
    }

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken) =>
        DeleteOlderAsync(id, DateTimeOffset.MaxValue, cancellationToken);

    public Task<bool> DeleteOlderAsync(
        ArtifactId id,
        DateTimeOffset storedBefore,
        CancellationToken cancellationToken
    ) =>
        database.TransactAsync(
            "delete an artifact",
            async (connection, token) =>
            {
                var upload = await connection.ScalarAsync(
                    "DELETE FROM oml_artifact WHERE artifact = @id AND stored_ticks < @before RETURNING upload",
                    token,
                    ("id", id.Hex),
                    ("before", storedBefore.UtcTicks)
                );
                if (upload is null)
                    return false;
                await DropChunksAsync(connection, (Guid)upload, token);
                return true;
            },
            cancellationToken
        );

    private async Task<ArtifactInfo> WriteAsync(
        DbConnection connection,
        Stream content,
        CancellationToken token
    )
    {
        var upload = Guid.NewGuid();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = 0;
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (var ordinal = 0; ; ordinal++)
            {
                var read = await content.ReadAtLeastAsync(
                    buffer.AsMemory(0, ChunkBytes),
                    ChunkBytes,
                    throwOnEndOfStream: false,
                    token
                );
                if (read == 0)
                    break;
                hash.AppendData(buffer, 0, read);
                await connection.RunAsync(
                    "INSERT INTO oml_artifact_chunk (upload, ordinal, data) VALUES (@upload, @ordinal, @data)",
                    token,
                    ("upload", upload),
                    ("ordinal", ordinal),
                    ("data", new ArraySegment<byte>(buffer, 0, read))
                );
                bytes += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var id = ArtifactId.FromDigest(hash.GetHashAndReset());
        var kept = await connection.QueryAsync(
            "INSERT INTO oml_artifact (artifact, upload, bytes, chunk_bytes, stored_ticks) VALUES (@id, @upload, @bytes, @chunk, @now) ON CONFLICT (artifact) DO UPDATE SET stored_ticks = greatest(oml_artifact.stored_ticks, excluded.stored_ticks) RETURNING upload, stored_ticks",
            row => (Upload: row.GetGuid(0), Ticks: row.GetInt64(1)),
            token,
            ("id", id.Hex),
            ("upload", upload),
            ("bytes", bytes),
            ("chunk", ChunkBytes),
            ("now", time.GetUtcNow().UtcTicks)
        );
        if (kept[0].Upload != upload)
            await DropChunksAsync(connection, upload, token);
        return new ArtifactInfo(id, bytes, new DateTimeOffset(kept[0].Ticks, TimeSpan.Zero));
    }

    private static Task<int> DropChunksAsync(
        DbConnection connection,
        Guid upload,
        CancellationToken token
    ) =>
        connection.RunAsync(
            "DELETE FROM oml_artifact_chunk WHERE upload = @upload",
            token,
            ("upload", upload)
        );

    private async Task<Row?> FindRowAsync(ArtifactId id, CancellationToken cancellationToken)
    {
        var rows = await database.ExecuteAsync(
            "find an artifact",
            (connection, token) =>
                connection.QueryAsync(
                    "SELECT upload, bytes, chunk_bytes, stored_ticks FROM oml_artifact WHERE artifact = @id",
                    row => new Row(
                        row.GetGuid(0),
                        row.GetInt32(2),
                        new ArtifactInfo(
                            id,
                            row.GetInt64(1),
                            new DateTimeOffset(row.GetInt64(3), TimeSpan.Zero)
                        )
                    ),
                    token,
                    ("id", id.Hex)
                ),
            cancellationToken
        );
        return rows.SingleOrDefault();
    }

    private sealed record Row(Guid Upload, int ChunkBytes, ArtifactInfo Info);
}
