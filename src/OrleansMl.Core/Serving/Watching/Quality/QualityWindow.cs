namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>The outcomes that came in one window.</summary>
/// <param name="Version">The version that predicted.</param>
/// <param name="Reference">What callers named.</param>
/// <param name="Begin">When the window begins, in seconds since 1970.</param>
/// <param name="Seconds">Its length.</param>
/// <param name="Tally">The outcomes.</param>
public sealed record QualityWindow(
    int Version,
    string Reference,
    long Begin,
    int Seconds,
    QualityTally Tally
);
