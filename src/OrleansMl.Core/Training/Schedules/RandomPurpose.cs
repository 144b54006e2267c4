namespace OrleansMl.Core.Training.Schedules;

/// <summary>What random numbers of a run are for; each purpose has its own sequence. A number is never used twice.</summary>
public enum RandomPurpose
{
    /// <summary>The first weights.</summary>
    Initialization = 1,

    /// <summary>The order of rows in an epoch.</summary>
    Order = 2,

    /// <summary>Changes of images in a step.</summary>
    Augmentation = 3,

    /// <summary>Dropout in a step.</summary>
    Dropout = 4,
}
