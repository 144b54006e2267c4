namespace OrleansMl.Core.Training.Configuration;

/// <summary>How the learning rate goes after the warm-up; a pure function of the step.</summary>
public enum ScheduleKind
{
    /// <summary>Stays.</summary>
    Constant,

    /// <summary>Falls in a line to FinalFraction at the last step.</summary>
    Linear,

    /// <summary>Falls by half a cosine to FinalFraction (Loshchilov and Hutter 2017).</summary>
    Cosine,

    /// <summary>Times Gamma every StepEpochs.</summary>
    Step,

    /// <summary>Times Gamma every epoch.</summary>
    Exponential,
}
