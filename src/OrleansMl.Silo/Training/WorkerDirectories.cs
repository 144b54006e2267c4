using System.Text;

namespace OrleansMl.Silo.Training;

/// <summary>Folders that this silo process owns for its workers. The silo holds its data folder alone, so whatever is there at the start was left by a dead one.</summary>
internal sealed class WorkerDirectories : IDisposable
{
    /// <summary>The kernel's limit for a Unix socket's path is 108 bytes, its final zero included; the file's own name needs some.</summary>
    private const int MaxSocketDirectoryBytes = 80;
    private readonly string _sockets;
    private readonly bool _temporary;
    private int _next;

    /// <summary>Makes the folders anew.</summary>
    public WorkerDirectories(string dataDirectory)
    {
        Scratch = Path.GetFullPath(Path.Combine(dataDirectory, "scratch"));
        Recreate(Scratch);
        var sockets = Path.GetFullPath(Path.Combine(dataDirectory, "run"));
        _temporary = Encoding.UTF8.GetByteCount(sockets) > MaxSocketDirectoryBytes;
        if (_temporary)
        {
            _sockets = Directory.CreateTempSubdirectory("oml-").FullName;
        }
        else
        {
            _sockets = sockets;
            Recreate(sockets);
        }
    }

    /// <summary>Where attempts have their folders.</summary>
    public string Scratch { get; }

    /// <summary>A new path for a socket.</summary>
    public string NextSocket() =>
        Path.Combine(_sockets, $"{Interlocked.Increment(ref _next)}.sock");

    /// <summary>A new, empty folder for an attempt.</summary>
    public string CreateScratch(string run, int attempt)
    {
        var path = Path.Combine(Scratch, $"{run}.{attempt}.{Interlocked.Increment(ref _next)}");
        Directory.CreateDirectory(path);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_temporary && Directory.Exists(_sockets))
            Directory.Delete(_sockets, recursive: true);
    }

    private static void Recreate(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(
                path,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
    }
}
