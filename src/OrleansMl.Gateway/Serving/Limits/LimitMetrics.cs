using System.Diagnostics.Metrics;

namespace OrleansMl.Gateway.Serving.Limits;

/// <summary>Requests that were refused for want of room, by cause.</summary>
internal sealed class LimitMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _refused = meters
        .Create(ServingMetrics.MeterName)
        .CreateCounter<long>(
            "oml.gateway.refused",
            description: "Requests refused by a limit, a quota or overload, by cause"
        );

    public void Refused(string cause) =>
        _refused.Add(1, new KeyValuePair<string, object?>("cause", cause));
}
