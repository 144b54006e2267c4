namespace OrleansMl.Core.Training.Architectures;

/// <summary>How many numbers a network learns.</summary>
public static class ParameterCount
{
    /// <summary>Trainable parameters: weights and biases, not the running statistics of batch normalization.</summary>
    public static long Of(ModelPlan plan) =>
        ParameterNames
            .Of(plan)
            .Where(p => p.Trained)
            .Aggregate(0L, (sum, p) => checked(sum + p.Elements));
}
