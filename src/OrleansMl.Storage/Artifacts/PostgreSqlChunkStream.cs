using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Artifacts;

/// <summary>Reads an upload's chunks one after the other, each with a query of its own: a slow reader holds no connection.</summary>
internal sealed class PostgreSqlChunkStream(
    Database database,
    ArtifactId id,
    Guid upload,
    int chunkBytes,
    long offset
) : Stream
{
    private const string Sql =
        "SELECT data FROM oml_artifact_chunk WHERE upload = @upload AND ordinal = @ordinal";

    private byte[] _chunk = [];
    private int _ordinal = -1;
    private long _position = offset;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    private int Wanted => checked((int)(_position / chunkBytes));

    public override int Read(Span<byte> buffer)
    {
        if (Wanted != _ordinal)
        {
            using var connection = database.DataSource.OpenConnection();
            using var command = connection.CreateCommand(
                Sql,
                ("upload", upload),
                ("ordinal", Wanted)
            );
            Take(command.ExecuteScalar());
        }
        return Copy(buffer);
    }

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        if (Wanted != _ordinal)
            Take(
                await database.ExecuteAsync(
                    "read an artifact",
                    (connection, token) =>
                        connection.ScalarAsync(Sql, token, ("upload", upload), ("ordinal", Wanted)),
                    cancellationToken
                )
            );
        return Copy(buffer.Span);
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(
        byte[] buffer,
        int offset,
        int count,
        CancellationToken cancellationToken
    ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    private void Take(object? data)
    {
        _chunk =
            data as byte[]
            ?? throw new ArtifactCorruptException(
                $"Chunk {Wanted} of artifact {id} is missing in the database {database.Location}: it was deleted while it was read, or the table is damaged."
            );
        _ordinal = Wanted;
    }

    private int Copy(Span<byte> buffer)
    {
        var at = (int)(_position - (long)_ordinal * chunkBytes);
        var count = Math.Min(buffer.Length, Math.Max(0, _chunk.Length - at));
        _chunk.AsSpan(at, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}
