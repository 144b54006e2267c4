namespace OrleansMl.Core.Training.Workers;

/// <summary>The other side of a worker's socket sent something that the protocol does not allow.</summary>
public sealed class WorkerProtocolException : IOException
{
    /// <summary>Makes the error with an empty message.</summary>
    public WorkerProtocolException() { }

    /// <summary>Makes the error with a message that says what was expected and what came.</summary>
    public WorkerProtocolException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message and what was behind it.</summary>
    public WorkerProtocolException(string message, Exception innerException)
        : base(message, innerException) { }
}
