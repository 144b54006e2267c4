using System.Diagnostics.Metrics;

namespace OrleansMl.Core.Serving.Pipelines;

/// <summary>Pipelines' metrics.</summary>
public static class PipelineTelemetry
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "OrleansMl.Pipelines";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Rows = Meter.CreateCounter<long>(
        "oml.pipeline.rows",
        description: "Rows that conditions let through and kept out, by step"
    );

    internal static void Decided(string step, int yes, int no)
    {
        if (!Rows.Enabled)
            return;
        Rows.Add(yes, new("step", step), new("holds", true));
        Rows.Add(no, new("step", step), new("holds", false));
    }
}
