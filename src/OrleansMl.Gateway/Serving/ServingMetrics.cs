using System.Diagnostics.Metrics;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Gateway.Serving;

/// <summary>How long models take to answer, as the gateway sees it. The meter's name is <see cref="MeterName"/>.</summary>
internal sealed class ServingMetrics(IMeterFactory meters, TimeProvider time)
{
    public const string MeterName = "OrleansMl.Gateway";

    private readonly Histogram<double> _duration = meters
        .Create(MeterName)
        .CreateHistogram<double>(
            "oml.gateway.inference.duration",
            "s",
            "Time from a read request to the model's answer."
        );

    public long Start() => time.GetTimestamp();

    public void Record(ModelVersionId version, long started, bool succeeded)
    {
        if (_duration.Enabled)
            _duration.Record(
                time.GetElapsedTime(started).TotalSeconds,
                new("model", version.Name),
                new("version", version.Version),
                new("outcome", succeeded ? "success" : "error")
            );
    }
}
