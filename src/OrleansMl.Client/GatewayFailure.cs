using System.Net;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Client;

/// <summary>Makes exceptions of what went wrong with a call.</summary>
internal static class GatewayFailure
{
    /// <summary>Whether the same call may succeed at another endpoint, or later.</summary>
    public static bool IsTransient(HttpStatusCode status) =>
        status
            is HttpStatusCode.TooManyRequests
                or HttpStatusCode.RequestTimeout
                or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout;

    /// <summary>Whether a connection may work at another endpoint, or later; certificates and limits don't mend themselves.</summary>
    public static bool IsTransient(HttpRequestException exception) =>
        exception.HttpRequestError
            is not (
                HttpRequestError.SecureConnectionError
                or HttpRequestError.UserAuthenticationError
                or HttpRequestError.ConfigurationLimitExceeded
            );

    /// <summary>The exception for an answer that isn't a success. Reads its body.</summary>
    public static async Task<OrleansMlException> ReadAsync(
        GatewayCall call,
        HttpResponseMessage response,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var header = response.Headers.RetryAfter;
        return Parse(body) is { } error
            ? new OrleansMlException(response.StatusCode, error.Code, Text(error), error.Details)
            {
                RetryAfter = header?.Delta ?? header?.Date - time.GetUtcNow(),
                Failure = FailureOf(response.StatusCode),
            }
            : new OrleansMlException(
                response.StatusCode,
                OrleansMlErrorCodes.UnexpectedAnswer,
                $"{call} got {(int)response.StatusCode} {response.ReasonPhrase} with a body that isn't the gateway's. Is {response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Authority)} an OrleansMl gateway?"
            )
            {
                Failure = FailureOf(response.StatusCode),
            };
    }

    /// <summary>How far a call came that was answered with this status.</summary>
    public static CallFailure FailureOf(HttpStatusCode status) =>
        status == HttpStatusCode.TooManyRequests ? CallFailure.Busy
        : IsTransient(status) ? CallFailure.Away
        : CallFailure.Refused;

    /// <summary>How far a call came that met this.</summary>
    public static CallFailure FailureOf(HttpRequestException exception) =>
        exception.HttpRequestError
            is HttpRequestError.ConnectionError
                or HttpRequestError.NameResolutionError
                or HttpRequestError.ProxyTunnelError
            ? CallFailure.NotSent
        : IsTransient(exception) ? CallFailure.Lost
        : CallFailure.Refused;

    /// <summary>The exception for an error of the gateway, in an answer or a stream of events.</summary>
    public static OrleansMlException Of(HttpStatusCode? status, ApiError error) =>
        new(status, error.Code, Text(error), error.Details);

    private static string Text(ApiError error) =>
        error.TraceId is null ? error.Error : $"{error.Error} (trace {error.TraceId})";

    /// <summary>The error in a body, or null when the body is something else.</summary>
    public static ApiError? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<ApiError>(body, ContractsJson.Options);
        }
        catch (JsonException)
        {
            // Not the gateway's error shape; the caller says so with the status.
            return null;
        }
    }
}
