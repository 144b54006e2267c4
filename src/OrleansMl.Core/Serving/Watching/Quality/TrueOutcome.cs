namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>What turned out to be true of a row of a prediction.</summary>
/// <param name="Id">The prediction's id.</param>
/// <param name="Row">The row, from 0.</param>
/// <param name="Version">The version that predicted.</param>
/// <param name="At">When it was predicted.</param>
/// <param name="Label">The class; null: see <paramref name="Actual"/>.</param>
/// <param name="Actual">The number.</param>
public sealed record TrueOutcome(
    string Id,
    int Row,
    int Version,
    DateTimeOffset At,
    string? Label,
    double? Actual
);
