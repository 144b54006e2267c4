using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Datasets;

/// <summary>
/// Where uploads wait on disk. Each process has a folder of its own, locked while it lives; folders that no process locks are
/// leftovers of one that was killed, and are swept.
/// </summary>
internal sealed partial class Spool : IDisposable
{
    private const string Prefix = "oml-upload-";
    private const string LockName = ".lock";
    private readonly GatewayOptions _options;
    private readonly ILogger<Spool> _logger;
    private readonly string _root;
    private readonly string _folder;
    private readonly FileStream _lock;

    public Spool(IOptions<GatewayOptions> options, ILogger<Spool> logger)
    {
        _options = options.Value;
        _logger = logger;
        _root =
            _options.SpoolDirectory.Length > 0
                ? Path.GetFullPath(_options.SpoolDirectory)
                : Path.GetTempPath();
        Directory.CreateDirectory(_root);
        Sweep();
        _folder = Path.Combine(_root, $"{Prefix}{Guid.NewGuid():N}");
        CreatePrivate(_folder);
        _lock = new FileStream(
            Path.Combine(_folder, LockName),
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None
        );
    }

    /// <summary>A new folder for one upload; disposing it deletes what is in it.</summary>
    public SpoolFolder CreateFolder()
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        CreatePrivate(path);
        return new SpoolFolder(path, DeleteLogged);
    }

    /// <summary>Refuses bytes for which the disk has no room.</summary>
    /// <exception cref="RequestException">507.</exception>
    public void RequireSpace(long bytes)
    {
        var free = new DriveInfo(_folder).AvailableFreeSpace;
        if (free - bytes < _options.MinFreeBytes)
            throw RequestException.StorageFull(
                $"The disk for uploads has {free} bytes free; {bytes} more would leave less than the {_options.MinFreeBytes} that {GatewayOptions.Section}:{nameof(GatewayOptions.MinFreeBytes)} keeps. Free space or set {GatewayOptions.Section}:{nameof(GatewayOptions.SpoolDirectory)} to a larger disk."
            );
    }

    public void Dispose()
    {
        _lock.Dispose();
        DeleteLogged(_folder);
    }

    private void Sweep()
    {
        foreach (var folder in Directory.EnumerateDirectories(_root, $"{Prefix}*"))
        {
            if (IsAbandoned(folder))
            {
                LogSwept(folder);
                DeleteLogged(folder);
            }
        }
    }

    private static bool IsAbandoned(string folder)
    {
        try
        {
            // Advisory locks of .NET on Unix, mandatory ones on Windows: either way an owner that lives keeps us out.
            using var probe = new FileStream(
                Path.Combine(folder, LockName),
                FileMode.Open,
                FileAccess.Write,
                FileShare.None
            );
            return true;
        }
        catch (IOException)
        {
            // In use, or not yet made by a process that is just starting.
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's.
            return false;
        }
    }

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(
                path,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
    }

    private void DeleteLogged(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(e, folder);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Deleting {Folder}, uploads of a process that ended without doing so."
    )]
    private partial void LogSwept(string folder);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Folder} could not be deleted; the next start tries again."
    )]
    private partial void LogNotDeleted(Exception exception, string folder);
}
