namespace OrleansMl.Core.Training.Configuration;

/// <summary>Losses.</summary>
public enum LossKind
{
    /// <summary>Softmax cross-entropy (Category).</summary>
    CrossEntropy,

    /// <summary>Logistic loss (Binary).</summary>
    BinaryCrossEntropy,

    /// <summary>Squared error (Number).</summary>
    MeanSquared,

    /// <summary>Absolute error (Number).</summary>
    MeanAbsolute,

    /// <summary>Huber (Number).</summary>
    Huber,
}
