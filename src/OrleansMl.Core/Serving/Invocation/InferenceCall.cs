namespace OrleansMl.Core.Serving.Invocation;

/// <summary>Which model is called, and by whom; wherever the call came in.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Reference">A version's number, an alias, <c>latest</c>, or empty: the model's traffic decides, else the alias <c>champion</c>, else the newest.</param>
/// <param name="Key">What keeps a caller on one version of a split; null: none.</param>
/// <param name="Caller">Who asks.</param>
public readonly record struct InferenceCall(
    string Model,
    string Reference,
    string? Key = null,
    string Caller = ""
);
