namespace OrleansMl.Contracts;

/// <summary>An older attempt tried to write; a newer one holds the run.</summary>
[GenerateSerializer]
[Alias("oml.StaleAttemptException")]
public sealed class StaleAttemptException : Exception
{
    /// <summary>Makes the error with an empty message.</summary>
    public StaleAttemptException() { }

    /// <summary>Makes the error with a message for the caller.</summary>
    public StaleAttemptException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message for the caller and what was behind it.</summary>
    public StaleAttemptException(string message, Exception innerException)
        : base(message, innerException) { }
}
