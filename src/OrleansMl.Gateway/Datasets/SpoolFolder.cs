namespace OrleansMl.Gateway.Datasets;

/// <summary>A folder for the files of one request; disposing it deletes them.</summary>
internal sealed class SpoolFolder(string path, Action<string> delete) : IDisposable
{
    private int _files;

    /// <summary>A path for a new file. What the caller names a file never becomes part of a path.</summary>
    public string NextFile() => Path.Combine(path, $"{_files++:D4}");

    public void Dispose() => delete(path);
}
