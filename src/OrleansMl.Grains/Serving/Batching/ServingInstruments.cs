using System.Diagnostics.Metrics;
using OrleansMl.Core.Serving.Batching;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Batching;

/// <summary>What an autoscaler and an operator look at: read from counters when asked, so that a call pays nothing for them.</summary>
internal sealed class ServingInstruments : IDisposable
{
    private static readonly Meter Shared = new(GrainTelemetry.Name);
    private readonly Meter _meter = new(GrainTelemetry.Name);
    private readonly InferenceThreads _threads;
    private readonly ServingCounters _counters;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private long _seenAt;
    private long _seenBusy;
    private double _utilization;

    public ServingInstruments(
        InferenceThreads threads,
        ServingCounters counters,
        TimeProvider time,
        Func<IEnumerable<LoadedModel>> loaded,
        Func<long> bytes
    )
    {
        _threads = threads;
        _counters = counters;
        _time = time;
        _seenAt = time.GetTimestamp();
        _meter.CreateObservableGauge(
            "oml.serving.threads.utilization",
            Utilization,
            description: "Share of the inference threads' time that models run, 0 to 1 and more when callers' own threads run models, too"
        );
        _meter.CreateObservableGauge(
            "oml.serving.queue.depth",
            () => loaded().Sum(model => (long)model.Batcher.Waiting),
            description: "Calls that wait for a model"
        );
        _meter.CreateObservableGauge(
            "oml.serving.models",
            () => loaded().LongCount(),
            description: "Model versions in memory"
        );
        _meter.CreateObservableGauge(
            "oml.serving.memory",
            bytes,
            "By",
            "Memory that the model versions count for"
        );
        _meter.CreateObservableCounter(
            "oml.serving.batch.closed",
            Closed,
            description: "Runs, by model, version and why the batch was closed"
        );
        _meter.CreateObservableCounter(
            "oml.serving.batch.size",
            Sizes,
            description: "Runs, by model, version and size: the largest of its class"
        );
    }

    /// <summary>Seconds that calls waited, those that ran at once left out.</summary>
    public static Histogram<double> QueueSeconds { get; } =
        Shared.CreateHistogram<double>(
            "oml.serving.queue.duration",
            "s",
            "Time that calls which had to wait waited for their run"
        );

    public void Dispose() => _meter.Dispose();

    private double Utilization()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var passed = now - _seenAt;
            // Two readers must not take each other's time away.
            if (passed < _time.TimestampFrequency)
                return _utilization;
            var busy = _threads.BusyTicks;
            _utilization = (busy - _seenBusy) / ((double)passed * _threads.Count);
            (_seenAt, _seenBusy) = (now, busy);
            return _utilization;
        }
    }

    private IEnumerable<Measurement<long>> Closed()
    {
        foreach (var counters in _counters.All)
        {
            foreach (var closing in Enum.GetValues<BatchClosing>())
            {
                if (counters.Closed(closing) is > 0 and var runs)
                    yield return new(
                        runs,
                        GrainTelemetry.Tag("model", counters.Version.Name),
                        GrainTelemetry.Tag("version", counters.Version.Version),
                        new("reason", Name(closing))
                    );
            }
        }
    }

    private IEnumerable<Measurement<long>> Sizes()
    {
        foreach (var counters in _counters.All)
        {
            foreach (var (size, runs) in counters.Sizes())
                yield return new(
                    runs,
                    GrainTelemetry.Tag("model", counters.Version.Name),
                    GrainTelemetry.Tag("version", counters.Version.Version),
                    GrainTelemetry.Tag("size", size)
                );
        }
    }

    private static string Name(BatchClosing closing) =>
        closing switch
        {
            BatchClosing.Full => "full",
            BatchClosing.Idle => "idle",
            BatchClosing.Shape => "shape",
            BatchClosing.Delay => "delay",
            BatchClosing.Deadline => "deadline",
            BatchClosing.Parted => "parted",
            _ => throw new ArgumentOutOfRangeException(nameof(closing), closing, null),
        };
}
