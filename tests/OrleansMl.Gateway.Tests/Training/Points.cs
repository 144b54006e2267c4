using OrleansMl.Contracts.Training;

namespace OrleansMl.Gateway.Tests.Training;

internal static class Points
{
    public static MetricPoint Of(long step, string series = "step") =>
        new()
        {
            Step = step,
            Epoch = 1,
            Series = series,
            ElapsedSeconds = step,
            Values = new Dictionary<string, double> { ["loss"] = 1.0 / step },
        };
}
