using Microsoft.AspNetCore.Http;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Gateway.Operations;

/// <summary>A request that the gateway itself refuses, with its status and code.</summary>
internal sealed class RequestException(
    int status,
    string code,
    string message,
    IReadOnlyList<ApiErrorDetail>? details = null
) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>The error's code of RFC 6750 for the header WWW-Authenticate; null: none.</summary>
    public string? BearerError { get; private init; }

    public IReadOnlyList<ApiErrorDetail>? Details { get; } = details;

    /// <summary>After how long a retry may succeed; null: not worth one.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    public static RequestException Invalid(string message) =>
        new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, message);

    public static RequestException InvalidConfig(
        string message,
        IReadOnlyList<ApiErrorDetail> details
    ) => new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidConfig, message, details);

    public static RequestException Unauthorized(string message) =>
        new(StatusCodes.Status401Unauthorized, ErrorCodes.Unauthorized, message);

    /// <summary>Credentials were shown, and are not good.</summary>
    public static RequestException BadToken(string message) =>
        new(StatusCodes.Status401Unauthorized, ErrorCodes.Unauthorized, message)
        {
            BearerError = "invalid_token",
        };

    public static RequestException Forbidden(string message) =>
        new(StatusCodes.Status403Forbidden, ErrorCodes.Forbidden, message);

    /// <summary>The credentials are good and permit too little.</summary>
    public static RequestException TooLittle(string message) =>
        new(StatusCodes.Status403Forbidden, ErrorCodes.Forbidden, message)
        {
            BearerError = "insufficient_scope",
        };

    public static RequestException Limited(string code, string message, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, code, message) { RetryAfter = retryAfter };

    public static RequestException NotComparable(string message) =>
        new(StatusCodes.Status409Conflict, ErrorCodes.NotComparable, message);

    public static RequestException TooLarge(string what, long limit, string option) =>
        new(
            StatusCodes.Status413PayloadTooLarge,
            ErrorCodes.BodyTooLarge,
            $"{what} is larger than {limit} bytes, the limit that {GatewayOptions.Section}:{option} sets."
        );

    public static RequestException UnsupportedMediaType(string? got, string expected) =>
        new(
            StatusCodes.Status415UnsupportedMediaType,
            ErrorCodes.UnsupportedMediaType,
            $"The content type '{got}' is not taken here: expected {expected}."
        );

    public static RequestException Unsupported(string message) =>
        new(StatusCodes.Status501NotImplemented, ErrorCodes.Unsupported, message);

    public static RequestException StorageFull(string message) =>
        new(StatusCodes.Status507InsufficientStorage, ErrorCodes.StorageFull, message);
}
