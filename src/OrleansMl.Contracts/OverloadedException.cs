namespace OrleansMl.Contracts;

/// <summary>A bounded queue is full; come back later.</summary>
[GenerateSerializer]
[Alias("oml.OverloadedException")]
public sealed class OverloadedException : Exception
{
    /// <summary>Makes the error with an empty message.</summary>
    public OverloadedException() { }

    /// <summary>Makes the error with a message for the caller.</summary>
    public OverloadedException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message for the caller and what was behind it.</summary>
    public OverloadedException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <summary>After how long a retry may succeed, as far as is known; null: the gateway's default.</summary>
    [Id(0)]
    public TimeSpan? RetryAfter { get; init; }
}
