namespace OrleansMl.Core.Training.Configuration;

/// <summary>A stack of dense layers.</summary>
public sealed record DenseConfig
{
    /// <summary>No layers.</summary>
    public static DenseConfig None { get; } = new();

    /// <summary>Their widths.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [];

    /// <summary>After each.</summary>
    public Architectures.ActivationKind Activation { get; init; }

    /// <summary>Share zeroed after each, 0 to below 1.</summary>
    public double Dropout { get; init; }

    /// <summary>Between each and its activation.</summary>
    public NormalizationKind Normalization { get; init; }
}
