namespace OrleansMl.Contracts.Operations;

/// <summary>The body of every HTTP error.</summary>
public sealed record ApiError
{
    /// <summary>What is wrong, what was expected, what to do: for people.</summary>
    public required string Error { get; init; }

    /// <summary>A stable code, see docs/http-api.md.</summary>
    public required string Code { get; init; }

    /// <summary>Places in a training configuration; null for other errors.</summary>
    public IReadOnlyList<ApiErrorDetail>? Details { get; init; }

    /// <summary>The trace in the server's log; for internal errors only.</summary>
    public string? TraceId { get; init; }
}
