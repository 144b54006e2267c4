namespace OrleansMl.Contracts;

/// <summary>The named thing does not exist.</summary>
[GenerateSerializer]
[Alias("oml.NotFoundException")]
public sealed class NotFoundException : Exception
{
    /// <summary>Makes the error with an empty message.</summary>
    public NotFoundException() { }

    /// <summary>Makes the error with a message for the caller.</summary>
    public NotFoundException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message for the caller and what was behind it.</summary>
    public NotFoundException(string message, Exception innerException)
        : base(message, innerException) { }
}
