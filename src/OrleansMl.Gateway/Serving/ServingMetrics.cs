using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Gateway.Serving;

/// <summary>How long models take to answer, as the gateway sees it. The meter's name is <see cref="MeterName"/>.</summary>
internal sealed class ServingMetrics(IMeterFactory meters, TimeProvider time)
{
    public const string MeterName = "OrleansMl.Gateway";

    private const int MaxRemembered = 4096;

    private readonly Histogram<double> _duration = meters
        .Create(MeterName)
        .CreateHistogram<double>(
            "oml.gateway.inference.duration",
            "s",
            "Time from a read request to the model's answer."
        );

    // The tags of a version, made once: success, then error.
    private readonly ConcurrentDictionary<
        ModelVersionId,
        (KeyValuePair<string, object?>[] Success, KeyValuePair<string, object?>[] Error)
    > _tags = new();

    public long Start() => time.GetTimestamp();

    public void Record(ModelVersionId version, long started, bool succeeded)
    {
        if (!_duration.Enabled)
            return;
        if (!_tags.TryGetValue(version, out var tags))
        {
            if (_tags.Count >= MaxRemembered)
                _tags.Clear();
            _tags[version] = tags = (Tags(version, "success"), Tags(version, "error"));
        }
        _duration.Record(
            time.GetElapsedTime(started).TotalSeconds,
            succeeded ? tags.Success : tags.Error
        );
    }

    private static KeyValuePair<string, object?>[] Tags(ModelVersionId version, string outcome) =>
        [new("model", version.Name), new("version", version.Version), new("outcome", outcome)];
}
