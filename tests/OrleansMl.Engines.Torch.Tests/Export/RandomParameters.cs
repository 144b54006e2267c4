using OrleansMl.Core.Training.Architectures;
using OrleansMl.Engines.Torch.Export;

namespace OrleansMl.Engines.Torch.Tests.Export;

/// <summary>Parameters of the right shapes with seeded values; variances are above 0.</summary>
internal static class RandomParameters
{
    public static IEnumerable<NamedParameter> Of(ModelPlan plan, int seed)
    {
        var random = new Random(seed);
        foreach (var spec in ParameterNames.Of(plan))
        {
            var variance = spec.Name.EndsWith(
                ParameterNames.RunningVariance,
                StringComparison.Ordinal
            );
            var values = new float[spec.Shape.Aggregate(1L, (product, n) => product * n)];
            for (var i = 0; i < values.Length; i++)
                values[i] = variance ? 0.5f + random.NextSingle() : random.NextSingle() - 0.5f;
            yield return new NamedParameter(spec.Name, spec.Shape, values);
        }
    }
}
