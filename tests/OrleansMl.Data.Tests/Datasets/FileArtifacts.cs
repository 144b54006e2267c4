using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Data.Tests.Datasets;

/// <summary>An artifact store of the tests' own: files in a folder that goes with it.</summary>
internal sealed class FileArtifacts : IArtifactStore, ILocalArtifacts, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("oml-data-tests-");
    private readonly ConcurrentDictionary<ArtifactId, long> _known = new();

    public string Directory_ => _directory.FullName;

    public int Puts { get; private set; }

    /// <summary>Awaited before each put, to hold the store back or make it fail.</summary>
    public Func<Task> BeforePut { get; set; } = () => Task.CompletedTask;

    public string PathOf(ArtifactId id) => Path.Combine(_directory.FullName, id.Hex);

    /// <summary>A path for a source file.</summary>
    public string PathOf(string name) =>
        Path.Combine(_directory.CreateSubdirectory("sources").FullName, name);

    public async Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        await BeforePut();
        Puts++;
        var path = PathOf($"put-{Puts}");
        await using (var file = File.Create(path))
            await content.CopyToAsync(file, cancellationToken);
        ArtifactId id;
        await using (var file = File.OpenRead(path))
            id = ArtifactId.FromDigest(await SHA256.HashDataAsync(file, cancellationToken));
        var bytes = new FileInfo(path).Length;
        File.Move(path, PathOf(id), overwrite: true);
        _known[id] = bytes;
        return new ArtifactInfo(id, bytes, default);
    }

    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken) =>
        Task.FromResult(
            _known.TryGetValue(id, out var bytes) ? new ArtifactInfo(id, bytes, default) : null
        );

    public Task<Stream> OpenReadAsync(
        ArtifactId id,
        ArtifactRange? range,
        CancellationToken cancellationToken
    ) => Task.FromResult<Stream>(File.OpenRead(PathOf(id)));

    public async IAsyncEnumerable<ArtifactInfo> ListAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        foreach (var (id, bytes) in _known)
            yield return new ArtifactInfo(id, bytes, default);
    }

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken) =>
        Task.FromResult(_known.TryRemove(id, out _));

    public Task<IArtifactLease> AcquireAsync(ArtifactId id, CancellationToken cancellationToken) =>
        Task.FromResult<IArtifactLease>(new Lease(PathOf(id)));

    public void Dispose() => _directory.Delete(recursive: true);

    private sealed record Lease(string Path) : IArtifactLease
    {
        public void Dispose() { }
    }
}
