using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>
/// Artifacts as files: <c>objects/ab/abcd…</c>, made in <c>staging/</c> on the same file system, flushed and then renamed,
/// so that a name is only ever on whole bytes. A file's time of change is when it was last put. Thread-safe; the folder
/// belongs to one process, though a second one does no harm to files that are being written.
/// </summary>
internal sealed partial class LocalArtifactStore : IArtifactStore, ILocalArtifacts, IArtifactExpiry
{
    private const int BufferBytes = 1 << 20;
    private const UnixFileMode ReadOnlyMode =
        UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly string _objects;
    private readonly string _staging;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LocalArtifactLeases _leases = new();

    public LocalArtifactStore(string path, TimeProvider time, ILogger<LocalArtifactStore> logger)
    {
        Root = Path.GetFullPath(path);
        _objects = Path.Combine(Root, "objects");
        _staging = Path.Combine(Root, "staging");
        _time = time;
        _logger = logger;
        Directory.CreateDirectory(_objects);
        Directory.CreateDirectory(_staging);
        SweepStaging();
    }

    /// <summary>The store's folder.</summary>
    public string Root { get; }

    public async Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        using var staged = await StageAsync(content, cancellationToken);
        return staged.Commit();
    }

    /// <summary>Writes a stream to the disk and hashes it, without a name yet.</summary>
    public async Task<StagedArtifact> StageAsync(
        Stream content,
        CancellationToken cancellationToken
    )
    {
        var path = Path.Combine(_staging, $"{Guid.NewGuid():N}.tmp");
        long written = 0;
        // Held exclusively, which on Unix is an advisory lock: a sweep tells a live file from one that a crash left.
        var file = Writing(() => new FileStream(path, StagingOptions()), 0);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                await WriteAsync(file, buffer.AsMemory(0, read), written, cancellationToken);
                written += read;
            }
            Writing(() => Seal(file, path), written);
            return new StagedArtifact(
                this,
                path,
                file,
                ArtifactId.FromDigest(hash.GetHashAndReset()),
                written
            );
        }
        catch
        {
            File.Delete(path);
            await file.DisposeAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken) =>
        Task.FromResult(Lookup(id));

    public Task<Stream> OpenReadAsync(
        ArtifactId id,
        ArtifactRange? range,
        CancellationToken cancellationToken
    ) => Task.FromResult<Stream>(OpenRead(id, range, null));

    /// <summary>Opens the bytes; what is owned is disposed with the stream.</summary>
    public ArtifactReadStream OpenRead(ArtifactId id, ArtifactRange? range, IDisposable? owned)
    {
        var path = PathOf(id);
        if (_leases.IsDoomed(id) || !File.Exists(path))
            throw NotFound(id);
        FileStream file;
        try
        {
            file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.Open,
                    Access = FileAccess.Read,
                    Share = FileShare.Read | FileShare.Delete,
                    Options = FileOptions.SequentialScan | FileOptions.Asynchronous,
                    BufferSize = 0,
                }
            );
        }
        catch (FileNotFoundException)
        {
            throw NotFound(id);
        }
        var (offset, length) = ArtifactReadStream.Cut(range, file.Length);
        file.Position = offset;
        return new ArtifactReadStream(
            file,
            id,
            $"'{path}'",
            length,
            range is null,
            owned,
            () => _leases.Suspect(id)
        );
    }

    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken) =>
        Directory
            .EnumerateFiles(_objects, "*", SearchOption.AllDirectories)
            .Select(path =>
                ArtifactId.TryParse(Path.GetFileName(path), null, out var id) ? Lookup(id) : null
            )
            .OfType<ArtifactInfo>()
            .ToAsyncEnumerable();

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken) =>
        Task.FromResult(_leases.Delete(id, PathOf(id)));

    public Task<bool> DeleteOlderAsync(
        ArtifactId id,
        DateTimeOffset storedBefore,
        CancellationToken cancellationToken
    ) => Task.FromResult(_leases.DeleteUnheld(id, PathOf(id), storedBefore));

    public async Task<IArtifactLease> AcquireAsync(
        ArtifactId id,
        CancellationToken cancellationToken
    )
    {
        var path = PathOf(id);
        var lease = _leases.Acquire(id, path) ?? throw NotFound(id);
        try
        {
            if (!_leases.IsVerified(id))
            {
                await using var stream = OpenRead(id, null, null);
                await stream.CopyToAsync(Stream.Null, BufferBytes, cancellationToken);
                _leases.Verified(id);
            }
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Deletes a file that nobody holds; true when none is there after it.</summary>
    public bool TryDeleteUnheld(ArtifactId id) =>
        _leases.DeleteUnheld(id, PathOf(id), DateTimeOffset.MaxValue) || Lookup(id) is null;

    /// <summary>Makes an artifact the youngest, if it is there: a cache's order of use outlives the process.</summary>
    public void Touch(ArtifactId id) => _leases.Touch(PathOf(id), _time.GetUtcNow());

    /// <summary>Renames a flushed file to its artifact's name, over what may be there: the same bytes, or damaged ones.</summary>
    internal ArtifactInfo Commit(string staged, FileStream file, ArtifactId id, long bytes) =>
        Writing(
            () =>
            {
                var path = PathOf(id);
                var folder = Path.GetDirectoryName(path)!;
                var fresh = !Directory.Exists(folder);
                Directory.CreateDirectory(folder);
                if (OperatingSystem.IsWindows())
                    file.Dispose();
                _leases.Move(id, staged, path);
                DirectorySync.Flush(folder);
                if (fresh)
                    DirectorySync.Flush(_objects);
                return new ArtifactInfo(id, bytes, StoredAt(new FileInfo(path)));
            },
            bytes
        );

    private static FileStreamOptions StagingOptions() =>
        new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.Asynchronous,
            BufferSize = 0,
        };

    private static DateTimeOffset StoredAt(FileInfo file) => new(file.LastWriteTimeUtc);

    private ArtifactInfo? Lookup(ArtifactId id)
    {
        if (_leases.IsDoomed(id))
            return null;
        var file = new FileInfo(PathOf(id));
        return file.Exists ? new ArtifactInfo(id, file.Length, StoredAt(file)) : null;
    }

    private string PathOf(ArtifactId id) => Path.Combine(_objects, id.Hex[..2], id.Hex);

    private ArtifactNotFoundException NotFound(ArtifactId id) =>
        new($"Artifact {id} is not in the local store '{Root}'.");

    private bool Seal(FileStream file, string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file.SafeFileHandle, ReadOnlyMode);
        File.SetLastWriteTimeUtc(file.SafeFileHandle, _time.GetUtcNow().UtcDateTime);
        file.Flush(flushToDisk: true);
        return File.Exists(path);
    }

    private async Task WriteAsync(
        FileStream file,
        ReadOnlyMemory<byte> bytes,
        long written,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await file.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException e)
        {
            throw Refused(e, written);
        }
    }

    private T Writing<T>(Func<T> write, long bytes)
    {
        try
        {
            return write();
        }
        catch (IOException e)
        {
            throw Refused(e, bytes);
        }
    }

    private IOException Refused(IOException e, long written) =>
        new(
            $"The artifact store '{Root}' could not take an artifact, at {written} bytes: {e.Message} The disk has {FreeBytes()} bytes free. Nothing was kept; make space or point Storage:Artifacts at another disk.",
            e
        );

    private long FreeBytes() => new DriveInfo(Root).AvailableFreeSpace;

    private void SweepStaging()
    {
        foreach (var path in Directory.EnumerateFiles(_staging, "*.tmp"))
        {
            try
            {
                using (new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None))
                    File.Delete(path);
                LogSwept(path);
            }
            catch (IOException e)
            {
                // Another process is writing it.
                LogKept(path, e.Message);
            }
        }
    }

    [LoggerMessage(
        EventId = 4101,
        Level = LogLevel.Information,
        Message = "Removed '{Path}', left by an interrupted write"
    )]
    private partial void LogSwept(string path);

    [LoggerMessage(
        EventId = 4102,
        Level = LogLevel.Debug,
        Message = "Left '{Path}' alone: {Reason}"
    )]
    private partial void LogKept(string path, string reason);
}
