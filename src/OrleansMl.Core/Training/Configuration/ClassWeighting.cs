namespace OrleansMl.Core.Training.Configuration;

/// <summary>Where class weights come from.</summary>
public enum ClassWeighting
{
    /// <summary>All 1.</summary>
    None,

    /// <summary>rows / (classes × rows of the class), over the training rows.</summary>
    Balanced,

    /// <summary>The configuration's.</summary>
    Given,
}
