namespace OrleansMl.Contracts.Trust;

/// <summary>A grain call of a client that shows no good token, or one that does not permit the call. Nothing was done.</summary>
[GenerateSerializer]
[Alias("oml.AccessRefusedException")]
public sealed class AccessRefusedException : Exception
{
    /// <summary>Makes the error with an empty message.</summary>
    public AccessRefusedException() { }

    /// <summary>Makes the error with a message for the caller.</summary>
    public AccessRefusedException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message for the caller and what was behind it.</summary>
    public AccessRefusedException(string message, Exception innerException)
        : base(message, innerException) { }
}
