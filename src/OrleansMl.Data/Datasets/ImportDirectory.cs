namespace OrleansMl.Data.Datasets;

/// <summary>
/// A folder for one import's shards, gone when disposed. A locked file beside it says that its import lives; the folders of
/// processes that were killed are swept away by the next import.
/// </summary>
internal sealed class ImportDirectory : IDisposable
{
    private const string Prefix = "oml-import-";
    private const string LockExtension = ".lock";

    private readonly FileStream _lock;

    public ImportDirectory(string parent)
    {
        Directory.CreateDirectory(parent);
        Sweep(parent);
        Path = System.IO.Path.Combine(parent, Prefix + System.IO.Path.GetRandomFileName());
        // Locked before the folder is there, so that no sweep finds it unlocked.
        _lock = Lock(Path);
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        _lock.Dispose();
    }

    private static void Sweep(string parent)
    {
        foreach (var path in Directory.GetDirectories(parent, Prefix + "*"))
        {
            try
            {
                using var held = Lock(path);
                Directory.Delete(path, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its import lives, or it is another user's: not ours to delete.
                continue;
            }
        }
    }

    private static FileStream Lock(string path) =>
        new(
            path + LockExtension,
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.None,
            1,
            FileOptions.DeleteOnClose
        );
}
