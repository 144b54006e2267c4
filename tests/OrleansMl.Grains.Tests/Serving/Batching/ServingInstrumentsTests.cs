using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Serving.Batching;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Grains.Operations;
using OrleansMl.Grains.Serving.Batching;

namespace OrleansMl.Grains.Tests.Serving.Batching;

public sealed class ServingInstrumentsTests
{
    [Fact]
    public void Why_batches_were_closed_their_sizes_and_the_threads_time_are_metrics()
    {
        var time = new FakeTimeProvider();
        using var threads = new InferenceThreads(2, time);
        var counters = new ServingCounters(time);
        // Other tests' silos measure, too: this name is only here.
        var version = new ModelVersionId("measured-here", 3);
        using var instruments = new ServingInstruments(
            threads,
            counters,
            time,
            () => [],
            () => 12345
        );
        var seen = new List<(string Name, double Value, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == GrainTelemetry.Name)
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((at, value, tags, _) => Note(at, value, tags));
        listener.SetMeasurementEventCallback<double>((at, value, tags, _) => Note(at, value, tags));
        listener.Start();

        counters.Of(version).Ran(5, 5, BatchClosing.Full, 0, 10, 0);
        threads.AddInline(time.TimestampFrequency);
        time.Advance(TimeSpan.FromSeconds(2));
        listener.RecordObservableInstruments();

        Assert.Contains(
            ("oml.serving.batch.closed", 1, "model=measured-here version=3 reason=full"),
            seen
        );
        Assert.Contains(
            ("oml.serving.batch.size", 1, "model=measured-here version=3 size=5"),
            seen
        );
        // One of two threads for one of two seconds.
        Assert.Contains(("oml.serving.threads.utilization", 0.25, ""), seen);
        Assert.Contains(("oml.serving.memory", 12345, ""), seen);
        Assert.Contains(seen, measured => measured.Name == "oml.serving.queue.depth");

        void Note(
            Instrument instrument,
            double value,
            ReadOnlySpan<KeyValuePair<string, object?>> tags
        )
        {
            var text = string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
            lock (seen)
                seen.Add((instrument.Name, value, text));
        }
    }
}
