namespace OrleansMl.Contracts;

/// <summary>The ask itself is wrong; the message names the thing, what was expected and what came.</summary>
[GenerateSerializer]
[Alias("oml.InvalidInputException")]
public sealed class InvalidInputException : Exception
{
    /// <summary>Makes the error with an empty message.</summary>
    public InvalidInputException() { }

    /// <summary>Makes the error with a message for the caller.</summary>
    public InvalidInputException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message for the caller and what was behind it.</summary>
    public InvalidInputException(string message, Exception innerException)
        : base(message, innerException) { }
}
