using System.Net;

namespace OrleansMl.Client;

/// <summary>A call that the cluster refused, or that got no answer.</summary>
public sealed class OrleansMlException : Exception
{
    /// <summary>Makes the error with an empty message.</summary>
    public OrleansMlException()
        : this("") { }

    /// <summary>Makes the error with a message.</summary>
    public OrleansMlException(string message)
        : this(null, OrleansMlErrorCodes.Unavailable, message) { }

    /// <summary>Makes the error with a message and what was behind it.</summary>
    public OrleansMlException(string message, Exception innerException)
        : this(null, OrleansMlErrorCodes.Unavailable, message, [], innerException) { }

    /// <summary>Makes the error.</summary>
    public OrleansMlException(
        HttpStatusCode? status,
        string code,
        string message,
        IReadOnlyList<string>? details = null,
        Exception? innerException = null
    )
        : base(message, innerException)
    {
        Status = status;
        Code = code;
        Details = details ?? [];
    }

    /// <summary>The answer's status; null when no endpoint answered in time.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>A stable word for programs: see <see cref="OrleansMlErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>More lines for people, for example one for each wrong key of a configuration.</summary>
    public IReadOnlyList<string> Details { get; }
}
