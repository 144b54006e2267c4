namespace OrleansMl.Core.Serving.Limits;

/// <summary>Why a request is not let through.</summary>
public enum LimitCause
{
    /// <summary>It is.</summary>
    None,

    /// <summary>This silo holds no share of the limit now.</summary>
    Share,

    /// <summary>Nothing is set aside of the quota any more: more may be had.</summary>
    Quota,

    /// <summary>Requests a second.</summary>
    Requests,

    /// <summary>Rows a second.</summary>
    Rows,

    /// <summary>Bytes a second.</summary>
    Bytes,

    /// <summary>Requests at a time.</summary>
    Concurrent,

    /// <summary>The quota is used up.</summary>
    Exhausted,

    /// <summary>It has more rows than may ever come at once.</summary>
    TooManyRows,

    /// <summary>It has more bytes than may ever come at once.</summary>
    TooManyBytes,
}
