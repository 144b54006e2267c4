namespace OrleansMl.Core.Artifacts;

/// <summary>Keeps a local file from being evicted until disposed.</summary>
public interface IArtifactLease : IDisposable
{
    /// <summary>The file's absolute path.</summary>
    string Path { get; }
}
