using System.Net;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Client;

/// <summary>A call that the cluster refused, or that got no answer.</summary>
public sealed class OrleansMlException : Exception
{
    /// <summary>Makes the error with an empty message.</summary>
    public OrleansMlException()
        : this("") { }

    /// <summary>Makes the error of a cluster out of reach.</summary>
    public OrleansMlException(string message)
        : this(null, OrleansMlErrorCodes.Unavailable, message) { }

    /// <summary>Makes the error of a cluster out of reach, with what was behind it.</summary>
    public OrleansMlException(string message, Exception innerException)
        : this(null, OrleansMlErrorCodes.Unavailable, message, [], innerException) { }

    /// <summary>Makes the error.</summary>
    public OrleansMlException(
        HttpStatusCode? status,
        string code,
        string message,
        IReadOnlyList<ApiErrorDetail>? details = null,
        Exception? innerException = null
    )
        : base(message, innerException)
    {
        Status = status;
        Code = code;
        Details = details ?? [];
    }

    /// <summary>The answer's status; null when no endpoint answered.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>A stable word for programs: see docs/http-api.md and <see cref="OrleansMlErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>How long the cluster asked to wait before the call is repeated; null: it didn't say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How far the call came.</summary>
    internal CallFailure Failure { get; init; }

    /// <summary>Places in a training configuration, one for each error there; empty for other errors.</summary>
    public IReadOnlyList<ApiErrorDetail> Details { get; }
}
