using System.Globalization;
using System.Net;
using Grpc.Core;

namespace OrleansMl.Client.Serving.Transports;

/// <summary>Makes of a gRPC call's failure the exception that the same call's over HTTP is.</summary>
internal static class GrpcFailure
{
    // The code of docs/http-api.md, the seconds of Retry-After, and gRPC's own wish for a wait.
    private const string CodeTrailer = "error-code";
    private const string RetryTrailer = "retry-after";
    private const string PushbackTrailer = "grpc-retry-pushback-ms";

    public static OrleansMlException Of(RpcException error)
    {
        var answered = error.Trailers.GetValue(CodeTrailer);
        var code = answered ?? CodeOf(error.StatusCode);
        var pushback = Milliseconds(error.Trailers.GetValue(PushbackTrailer));
        return new OrleansMlException(
            answered is null ? null : StatusOf(answered, error.StatusCode),
            code,
            error.Status.Detail,
            innerException: error
        )
        {
            RetryAfter =
                pushback >= 0
                    ? TimeSpan.FromMilliseconds(pushback.Value)
                    : Seconds(error.Trailers.GetValue(RetryTrailer)),
            // A negative wait asks for no repetition.
            Failure = pushback < 0 ? CallFailure.Refused : FailureOf(error, answered is not null),
        };
    }

    private static CallFailure FailureOf(RpcException error, bool answered) =>
        (error.StatusCode, answered) switch
        {
            (StatusCode.ResourceExhausted, true)
                when error.Trailers.GetValue(CodeTrailer) == OrleansMlErrorCodes.Overloaded
                    || error.Trailers.GetValue(RetryTrailer) is not null => CallFailure.Busy,
            (StatusCode.Unavailable or StatusCode.DeadlineExceeded, true) => CallFailure.Away,
            (StatusCode.Unavailable, false) => error.Status.DebugException
                is HttpRequestException http
                ? GatewayFailure.FailureOf(http)
                : CallFailure.Lost,
            (StatusCode.DeadlineExceeded, false) => CallFailure.Lost,
            // A connection that broke within the answer, or a proxy's.
            (StatusCode.Internal or StatusCode.Unknown or StatusCode.Cancelled, false) =>
                CallFailure.Lost,
            _ => CallFailure.Refused,
        };

    private static string CodeOf(StatusCode status) =>
        status switch
        {
            StatusCode.Unavailable
            or StatusCode.Internal
            or StatusCode.Unknown
            or StatusCode.Cancelled => OrleansMlErrorCodes.Unavailable,
            StatusCode.DeadlineExceeded => OrleansMlErrorCodes.Timeout,
            // What a client itself refuses, or another server than a gateway.
            _ => OrleansMlErrorCodes.UnexpectedAnswer,
        };

    private static HttpStatusCode StatusOf(string code, StatusCode status) =>
        code switch
        {
            "body_too_large" => HttpStatusCode.RequestEntityTooLarge,
            "storage_full" => HttpStatusCode.InsufficientStorage,
            OrleansMlErrorCodes.Timeout => HttpStatusCode.ServiceUnavailable,
            _ => status switch
            {
                StatusCode.InvalidArgument => HttpStatusCode.BadRequest,
                StatusCode.Unauthenticated => HttpStatusCode.Unauthorized,
                StatusCode.PermissionDenied => HttpStatusCode.Forbidden,
                StatusCode.NotFound => HttpStatusCode.NotFound,
                StatusCode.Aborted => HttpStatusCode.Conflict,
                StatusCode.ResourceExhausted => HttpStatusCode.TooManyRequests,
                StatusCode.Unimplemented => HttpStatusCode.NotImplemented,
                StatusCode.Unavailable => HttpStatusCode.ServiceUnavailable,
                StatusCode.DeadlineExceeded => HttpStatusCode.GatewayTimeout,
                _ => HttpStatusCode.InternalServerError,
            },
        };

    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var seconds)
        && seconds is >= 0 and < 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;

    // What can't be read asks for no repetition, as gRPC's retry design says.
    private static double? Milliseconds(string? text) =>
        text is null ? null
        : double.TryParse(text, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds is >= 0 and < 86_400_000
            ? milliseconds
        : -1;
}
