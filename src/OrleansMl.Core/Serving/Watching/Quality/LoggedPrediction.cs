namespace OrleansMl.Core.Serving.Watching.Quality;

/// <summary>A row of a prediction that waits for its outcome.</summary>
/// <param name="Id">The prediction's id, as its caller got it.</param>
/// <param name="Row">The row, from 0.</param>
/// <param name="Version">The version that predicted.</param>
/// <param name="Reference">What its caller named: an alias, a number, <c>latest</c>, or nothing.</param>
/// <param name="At">When.</param>
/// <param name="Value">What was predicted.</param>
public sealed record LoggedPrediction(
    string Id,
    int Row,
    int Version,
    string Reference,
    DateTimeOffset At,
    PredictedValue Value
);
