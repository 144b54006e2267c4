namespace OrleansMl.Core.Training.Configuration;

/// <summary>The learning rate's schedule.</summary>
public sealed record ScheduleConfig
{
    /// <summary>Which.</summary>
    public ScheduleKind Kind { get; init; }

    /// <summary>Steps of a linear rise from 0 to the peak.</summary>
    public long WarmupSteps { get; init; }

    /// <summary>Linear and Cosine: share of the peak at the end.</summary>
    public double FinalFraction { get; init; }

    /// <summary>Step: epochs between falls.</summary>
    public int StepEpochs { get; init; } = 1;

    /// <summary>Step and Exponential: the factor.</summary>
    public double Gamma { get; init; } = 0.1;
}
