namespace OrleansMl.Core.Training.Configuration;

/// <summary>What stands in for a missing value.</summary>
public enum MissingValueKind
{
    /// <summary>Nothing: such data is refused.</summary>
    Refuse,

    /// <summary>The training rows' mean (Number).</summary>
    Mean,

    /// <summary>A given number (Number).</summary>
    Constant,

    /// <summary>The training rows' most frequent value (Binary).</summary>
    MostFrequent,

    /// <summary>False (Binary).</summary>
    AssumeFalse,

    /// <summary>True (Binary).</summary>
    AssumeTrue,
}
