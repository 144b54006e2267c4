namespace OrleansMl.Core.Serving.Residency;

/// <summary>A silo gave no answer, not even a refusal: it went down and the cluster has not noticed yet, or it is too busy.</summary>
public sealed class SiloUnreachableException : Exception
{
    /// <summary>Makes the error with an empty message.</summary>
    public SiloUnreachableException() { }

    /// <summary>Makes the error with a message.</summary>
    public SiloUnreachableException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message and what was behind it.</summary>
    public SiloUnreachableException(string message, Exception innerException)
        : base(message, innerException) { }
}
