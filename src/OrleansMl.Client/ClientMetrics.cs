using System.Diagnostics.Metrics;

namespace OrleansMl.Client;

/// <summary>What clients of this process count. Meter <c>OrleansMl.Client</c>; docs/operations.md has the table.</summary>
internal sealed class ClientMetrics(string transport)
{
    private static readonly Meter Meter = new("OrleansMl.Client");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "oml.client.call.duration",
        "s",
        "Calls of models, all their tries included."
    );

    private static readonly Counter<long> Tries = Meter.CreateCounter<long>(
        "oml.client.retries",
        "{retry}",
        "Tries after the first of a call."
    );

    private static readonly Counter<long> HedgesSent = Meter.CreateCounter<long>(
        "oml.client.hedges",
        "{request}",
        "Requests sent beside a slow one."
    );

    private static readonly Counter<long> HedgesWon = Meter.CreateCounter<long>(
        "oml.client.hedges.won",
        "{request}",
        "Hedges that answered first."
    );

    private static readonly Counter<long> Circuits = Meter.CreateCounter<long>(
        "oml.client.circuits.opened",
        "{circuit}",
        "Endpoints left alone because they did not answer."
    );

    private readonly KeyValuePair<string, object?> _transport = new("transport", transport);

    /// <summary>Whether anybody listens to the calls' durations.</summary>
    public static bool IsTimed => Duration.Enabled;

    /// <summary>A call ended, in <c>ok</c>, <c>cancelled</c> or with an error's code.</summary>
    public void Called(TimeSpan duration, string outcome) =>
        Duration.Record(duration.TotalSeconds, _transport, new("outcome", outcome));

    public void Retried() => Tries.Add(1, _transport);

    public void Hedged() => HedgesSent.Add(1, _transport);

    public void HedgeWon() => HedgesWon.Add(1, _transport);

    public void Opened(Uri endpoint) =>
        Circuits.Add(1, _transport, new("endpoint", endpoint.Authority));
}
