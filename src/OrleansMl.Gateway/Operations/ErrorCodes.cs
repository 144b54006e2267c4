namespace OrleansMl.Gateway.Operations;

/// <summary>The stable codes of docs/http-api.md.</summary>
internal static class ErrorCodes
{
    public const string InvalidRequest = "invalid_request";
    public const string InvalidConfig = "invalid_config";
    public const string InvalidInput = "invalid_input";
    public const string Unauthorized = "unauthorized";
    public const string Forbidden = "forbidden";
    public const string NotFound = "not_found";
    public const string RouteNotFound = "route_not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string Conflict = "conflict";
    public const string NotComparable = "not_comparable";
    public const string BodyTooLarge = "body_too_large";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string RangeNotSatisfiable = "range_not_satisfiable";
    public const string Overloaded = "overloaded";
    public const string RateLimited = "rate_limited";
    public const string QuotaExceeded = "quota_exceeded";
    public const string Unsupported = "unsupported";
    public const string Unavailable = "unavailable";
    public const string Timeout = "timeout";
    public const string StorageFull = "storage_full";
    public const string Internal = "internal";
}
