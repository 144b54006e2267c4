namespace OrleansMl.Client;

/// <summary>Values of <see cref="OrleansMlException.Code"/> that the client itself gives or acts on; the gateway's others are in docs/http-api.md.</summary>
public static class OrleansMlErrorCodes
{
    /// <summary>The named thing does not exist.</summary>
    public const string NotFound = "not_found";

    /// <summary>A version in use, a stale expectation, a taken id.</summary>
    public const string Conflict = "conflict";

    /// <summary>Data, a model file or a tensor that can't be used.</summary>
    public const string InvalidInput = "invalid_input";

    /// <summary>A training configuration with errors; the exception's details name them.</summary>
    public const string InvalidConfiguration = "invalid_config";

    /// <summary>A bounded queue is full.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>A limit of the key, model or address is reached; the client has waited as long as it was told, if its timeout permits.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>The key's or model's quota of the day or month is used up.</summary>
    public const string QuotaExceeded = "quota_exceeded";

    /// <summary>No endpoint could be reached, or the cluster can't serve this now.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>No answer in time; a command may have been carried out.</summary>
    public const string Timeout = "timeout";

    /// <summary>A request of a stream that failed: the protocol has a text for it, no code.</summary>
    public const string StreamedError = "streamed_error";

    /// <summary>An answer that isn't the gateway's: another server listens at the address.</summary>
    public const string UnexpectedAnswer = "unexpected_answer";
}
