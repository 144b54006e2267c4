namespace OrleansMl.Contracts;

/// <summary>The ask contradicts what is there: a version in use, a stale expectation, a name taken.</summary>
[GenerateSerializer]
[Alias("oml.ConflictException")]
public sealed class ConflictException : Exception
{
    /// <summary>Makes the error with an empty message.</summary>
    public ConflictException() { }

    /// <summary>Makes the error with a message for the caller.</summary>
    public ConflictException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message for the caller and what was behind it.</summary>
    public ConflictException(string message, Exception innerException)
        : base(message, innerException) { }
}
