namespace OrleansMl.Core.Serving.Explanations;

/// <summary>What players add.</summary>
/// <param name="Value">The value of all of them.</param>
/// <param name="Base">The value of none.</param>
/// <param name="Contributions">One a player.</param>
public sealed record AttributionResult(
    double Value,
    double Base,
    IReadOnlyList<double> Contributions
);
