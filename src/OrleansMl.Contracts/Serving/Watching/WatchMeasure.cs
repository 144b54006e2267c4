namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>What is measured of a watched model version.</summary>
[GenerateSerializer]
[Alias("oml.WatchMeasure")]
public enum WatchMeasure
{
    /// <summary>Population stability index of an input or output against the reference; 0: the same.</summary>
    Psi = 0,

    /// <summary>Jensen-Shannon distance to the reference, to the base 2: 0, the same, to 1.</summary>
    JensenShannon = 1,

    /// <summary>The largest difference of a bin's or category's share to the reference, 0 to 1.</summary>
    LInfinity = 2,

    /// <summary>The share of missing values less the reference's, −1 to 1.</summary>
    MissingDifference = 3,

    /// <summary>Share of the rows that are outliers, 0 to 1; of the whole model.</summary>
    OutlierShare = 4,

    /// <summary>Share of the outcomes that were predicted right, 0 to 1; of the whole model, from its outcomes.</summary>
    Accuracy = 5,

    /// <summary>Mean negative logarithm of the probability that was given to what came true, in nats; from its outcomes.</summary>
    LogLoss = 6,

    /// <summary>Brier's score: the mean over outcomes of the squared distance between the probabilities and what came true, summed over classes, 0 to 2; from its outcomes.</summary>
    Brier = 7,

    /// <summary>Expected calibration error: by ten bins of the prediction's own probability, the mean distance between it and the accuracy, 0 to 1; from its outcomes.</summary>
    CalibrationError = 8,

    /// <summary>Mean distance between prediction and number; from its outcomes.</summary>
    MeanAbsoluteError = 9,

    /// <summary>Square root of the mean squared distance between prediction and number; from its outcomes.</summary>
    RootMeanSquareError = 10,
}
