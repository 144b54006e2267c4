namespace OrleansMl.Contracts.Operations;

/// <summary>One error at a place of a text.</summary>
public sealed record ApiErrorDetail
{
    /// <summary>Its line, from 1; 0 when it has no place.</summary>
    public int Line { get; init; }

    /// <summary>Its column, from 1; 0 when it has no place.</summary>
    public int Column { get; init; }

    /// <summary>What is wrong there.</summary>
    public required string Message { get; init; }
}
