namespace OrleansMl.Core.Artifacts;

/// <summary>No store has the artifact.</summary>
public sealed class ArtifactNotFoundException : IOException
{
    /// <summary>Makes the error with an empty message.</summary>
    public ArtifactNotFoundException() { }

    /// <summary>Makes the error with a message that names the artifact.</summary>
    public ArtifactNotFoundException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message that names the artifact and what was behind it.</summary>
    public ArtifactNotFoundException(string message, Exception innerException)
        : base(message, innerException) { }
}
