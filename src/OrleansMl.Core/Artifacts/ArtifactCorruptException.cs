namespace OrleansMl.Core.Artifacts;

/// <summary>The bytes read are not those that the id names.</summary>
public sealed class ArtifactCorruptException : IOException
{
    /// <summary>Makes the error with an empty message.</summary>
    public ArtifactCorruptException() { }

    /// <summary>Makes the error with a message that names the artifact.</summary>
    public ArtifactCorruptException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message that names the artifact and what was behind it.</summary>
    public ArtifactCorruptException(string message, Exception innerException)
        : base(message, innerException) { }
}
