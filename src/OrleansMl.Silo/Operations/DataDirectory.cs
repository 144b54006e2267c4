namespace OrleansMl.Silo.Operations;

/// <summary>The silo's data folder, locked for this process as long as it runs.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>Its absolute path.</summary>
    public string Path { get; }

    /// <summary>Makes the folder if need be and locks it. The lock ends with the process, however that ends.</summary>
    /// <exception cref="ConfigurationException">It can't be made or another process holds it.</exception>
    public static DataDirectory Lock(string directory)
    {
        var path = System.IO.Path.GetFullPath(directory);
        try
        {
            Directory.CreateDirectory(path);
            return new DataDirectory(
                path,
                new FileStream(
                    System.IO.Path.Combine(path, "lock"),
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None
                )
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([
                $"Silo:DataDirectory: expected a folder that this silo owns alone, got '{path}': {e.Message}",
            ]);
        }
    }

    /// <summary>A number that grows with each start, also when the clock was set back.</summary>
    public long NextIncarnation(TimeProvider time)
    {
        var file = System.IO.Path.Combine(Path, "incarnation");
        var last =
            File.Exists(file) && long.TryParse(File.ReadAllText(file), out var read) ? read : 0;
        var next = Math.Max(last + 1, time.GetUtcNow().UtcTicks);
        var staged = file + ".new";
        File.WriteAllText(staged, next.ToString(System.Globalization.CultureInfo.InvariantCulture));
        File.Move(staged, file, overwrite: true);
        return next;
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
