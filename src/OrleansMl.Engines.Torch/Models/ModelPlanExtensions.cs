using OrleansMl.Core.Training.Architectures;

namespace OrleansMl.Engines.Torch.Models;

/// <summary>Questions about a plan.</summary>
internal static class ModelPlanExtensions
{
    /// <summary>Whether training it draws random numbers.</summary>
    public static bool HasDropout(this ModelPlan plan) =>
        plan
            .Inputs.SelectMany(input => input.Encoder)
            .Concat(plan.Combiner)
            .Concat(plan.Heads.SelectMany(head => head.Layers))
            .Any(HasDropout);

    private static bool HasDropout(Layer layer) =>
        layer switch
        {
            DropoutLayer dropout => dropout.Probability > 0,
            ResidualLayer residual => residual.Body.Concat(residual.Shortcut).Any(HasDropout),
            _ => false,
        };
}
