namespace OrleansMl.Core.Training.Configuration;

/// <summary>Optimizers.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with momentum when asked.</summary>
    Sgd,

    /// <summary>Adam (Kingma and Ba 2015).</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,
}
