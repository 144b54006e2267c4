namespace OrleansMl.Core.Serving.Limits;

/// <summary>Whether a request is let through.</summary>
/// <param name="Cause">Why not.</param>
/// <param name="RetryAfter">After how long it may be; zero: unknown, or never.</param>
/// <param name="Quota">The quota that is used up; empty: none.</param>
public readonly record struct LimitVerdict(
    LimitCause Cause,
    TimeSpan RetryAfter = default,
    string Quota = ""
)
{
    /// <summary>It is.</summary>
    public bool IsAdmitted => Cause == LimitCause.None;

    /// <summary>Whether waiting for the cluster may change the verdict.</summary>
    public bool IsOpen => Cause is LimitCause.Share or LimitCause.Quota;
}
