using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>Which windows of quality there are at a moment.</summary>
public static class QualityClock
{
    /// <summary>When the window that a moment is in begins, in seconds since 1970.</summary>
    public static long Begin(QualityPolicy policy, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var seconds = at.ToUnixTimeSeconds();
        return seconds - (seconds % policy.WindowSeconds);
    }

    /// <summary>When the oldest window that is kept begins.</summary>
    public static long Oldest(QualityPolicy policy, DateTimeOffset at) =>
        Begin(policy, at) - ((long)policy.KeptWindows * policy.WindowSeconds);
}
