using System.Data.Common;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Gateway.Operations;

/// <summary>The one place where an exception becomes a status and a body.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="RetryAfterSeconds">For the header of that name; null: not worth a retry.</param>
/// <param name="BearerError">The error's code of RFC 6750; null: none.</param>
internal sealed record ErrorAnswer(
    int Status,
    ApiError Body,
    int? RetryAfterSeconds = null,
    string? BearerError = null
)
{
    // How System.Text.Json marks what it throws for such a text: its serializer makes a JsonException of it, its readers don't.
    private const string BrokenText = "System.Text.Json.Rethrowable";

    private const int FailoverSeconds = 5;
    private const int BusySeconds = 1;
    private const int MaxChallenge = 400;

    // A wait that is known ahead may be long: to the month's end. Headers hold no more anyway.
    private const double MaxSeconds = 100_000_000;

    // errno ENOSPC and EDQUOT; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL as HRESULTs.
    private static readonly int[] DiskFullResults =
    [
        28,
        122,
        unchecked((int)0x80070070),
        unchecked((int)0x80070027),
    ];

    /// <summary>Whether it is a defect of ours, which the log keeps in full.</summary>
    public bool IsInternal => Status == StatusCodes.Status500InternalServerError;

    /// <summary>The header WWW-Authenticate (RFC 6750); null: none. It says no more than the body.</summary>
    public string? Challenge
    {
        get
        {
            if (BearerError is null)
                return Status == StatusCodes.Status401Unauthorized
                    ? "Bearer realm=\"orleansml\""
                    : null;
            var text = string.Concat(
                Body.Error.Take(MaxChallenge)
                    .Select(c => c is >= ' ' and <= '~' and not ('"' or '\\') ? c : '\'')
            );
            return $"Bearer realm=\"orleansml\", error=\"{BearerError}\", error_description=\"{text}\"";
        }
    }

    /// <param name="exception">What went wrong.</param>
    /// <param name="busySeconds">The wait for a retry after a full queue that did not say.</param>
    /// <param name="unavailableSeconds">The wait after anything else that is away.</param>
    public static ErrorAnswer Of(
        Exception exception,
        int busySeconds = BusySeconds,
        int unavailableSeconds = FailoverSeconds
    ) =>
        exception switch
        {
            RequestException e => new(
                e.Status,
                new ApiError
                {
                    Error = e.Message,
                    Code = e.Code,
                    Details = e.Details,
                },
                Seconds(e.RetryAfter),
                e.BearerError
            ),
            InvalidInputException => Make(400, ErrorCodes.InvalidInput, exception.Message),
            NotFoundException or ArtifactNotFoundException => Make(
                404,
                ErrorCodes.NotFound,
                exception.Message
            ),
            ConflictException or StaleAttemptException => Make(
                409,
                ErrorCodes.Conflict,
                exception.Message
            ),
            AccessRefusedException => Make(403, ErrorCodes.Forbidden, exception.Message),
            OverloadedException e => Make(
                429,
                ErrorCodes.Overloaded,
                e.Message,
                Seconds(e.RetryAfter) ?? busySeconds
            ),
            UnavailableException e => Make(
                503,
                ErrorCodes.Unavailable,
                e.Message,
                Seconds(e.RetryAfter) ?? unavailableSeconds
            ),
            BadHttpRequestException e => OfBadRequest(e),
            // The server's own reader of chunks has this for a size that no number holds.
            IOException { InnerException: OverflowException } => Make(
                400,
                ErrorCodes.InvalidRequest,
                $"The body can't be read: {exception.Message}"
            ),
            JsonException e => Make(
                400,
                ErrorCodes.InvalidRequest,
                e.Path is { } path
                    ? $"The JSON body is wrong at {path} (line {e.LineNumber + 1}): {e.Message}"
                    : $"The JSON body is wrong: {e.Message}"
            ),
            InvalidOperationException { Source: BrokenText } => Make(
                400,
                ErrorCodes.InvalidRequest,
                "The JSON body has a text that is no valid Unicode: half a surrogate pair, or bytes that are no UTF-8."
            ),
            TimeoutException => Make(
                503,
                ErrorCodes.Timeout,
                "The cluster did not answer in time; repeat the same command with the same id.",
                unavailableSeconds
            ),
            _ when IsDiskFull(exception) => Make(
                507,
                ErrorCodes.StorageFull,
                "The disk for artifacts or uploads is full: free space and repeat."
            ),
            _ when IsClusterAway(exception) => Make(
                503,
                ErrorCodes.Unavailable,
                "A part of the cluster or its database is away; repeat the same command with the same id.",
                unavailableSeconds
            ),
            _ => Make(
                500,
                ErrorCodes.Internal,
                "The gateway failed at this request; its log has the trace id."
            ),
        };

    // Whole seconds, upwards and never none: a retry at once would only add to the load.
    private static int? Seconds(TimeSpan? wait) =>
        wait is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, MaxSeconds) : null;

    private static ErrorAnswer Make(
        int status,
        string code,
        string message,
        int? retryAfterSeconds = null
    ) => new(status, new ApiError { Error = message, Code = code }, retryAfterSeconds);

    private static ErrorAnswer OfBadRequest(BadHttpRequestException exception) =>
        exception.StatusCode switch
        {
            413 => Make(413, ErrorCodes.BodyTooLarge, exception.Message),
            415 => Make(415, ErrorCodes.UnsupportedMediaType, exception.Message),
            // A parameter that could not be bound: ASP.NET Core's own message names it.
            _ when exception.InnerException is JsonException json => Of(json),
            var status => Make(status, ErrorCodes.InvalidRequest, exception.Message),
        };

    private static bool IsDiskFull(Exception exception) =>
        Chain(exception).Any(e => e is IOException && DiskFullResults.Contains(e.HResult));

    private static bool IsClusterAway(Exception exception) =>
        Chain(exception)
            .Any(e =>
                e
                    is DbException
                        or SocketException
                        or TimeoutException
                        or InconsistentStateException
                        or OrleansMessageRejectionException
                        or SiloUnavailableException
                        or EnumerationAbortedException
                        or ConnectionFailedException
                        or ClientNotAvailableException
                || (
                    e is UnavailableExceptionFallbackException fallback
                    && IsDatabaseType(fallback.ExceptionType)
                )
            );

    // What a storage provider threw on a silo whose exception type this process doesn't load comes as its name.
    private static bool IsDatabaseType(string? type) =>
        type is not null
        && (
            type.Contains("Npgsql", StringComparison.Ordinal)
            || type.Contains("Postgres", StringComparison.Ordinal)
            || type.Contains("Sqlite", StringComparison.Ordinal)
        );

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            yield return e;
            if (e is AggregateException { InnerExceptions.Count: > 1 } many)
            {
                foreach (var inner in many.InnerExceptions.Skip(1).SelectMany(Chain))
                    yield return inner;
            }
        }
    }
}
