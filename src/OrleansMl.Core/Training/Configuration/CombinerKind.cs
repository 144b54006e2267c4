namespace OrleansMl.Core.Training.Configuration;

/// <summary>How the inputs' features come together.</summary>
public enum CombinerKind
{
    /// <summary>Joined, then dense layers.</summary>
    Concat,

    /// <summary>Joined and nothing more: with inputs passed through, a linear or logistic model.</summary>
    Linear,
}
