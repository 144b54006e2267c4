namespace OrleansMl.Contracts;

/// <summary>The thing exists but can't serve now: still loading, its silo is leaving, its storage is away.</summary>
[GenerateSerializer]
[Alias("oml.UnavailableException")]
public sealed class UnavailableException : Exception
{
    /// <summary>Makes the error with an empty message.</summary>
    public UnavailableException() { }

    /// <summary>Makes the error with a message for the caller.</summary>
    public UnavailableException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message for the caller and what was behind it.</summary>
    public UnavailableException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <summary>After how long a retry may succeed, as far as is known; null: the gateway's default.</summary>
    [Id(0)]
    public TimeSpan? RetryAfter { get; init; }
}
