using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>Tells of alerts: in the log, in metrics, and as events of the topic <c>alerts</c>, where something may wait to train a model anew.</summary>
internal sealed partial class AlertNotices(
    ILogger<AlertNotices> logger,
    IEventPublisher? publisher = null
)
{
    /// <summary>The topic.</summary>
    public const string Topic = "alerts";

    /// <summary>Publishes; false when it could not be and the same notices must be published again. A notice that is published twice is one event, by its id.</summary>
    public async Task<bool> TryPublishAsync(
        string model,
        IReadOnlyList<AlertNotice> notices,
        CancellationToken cancellationToken
    )
    {
        if (publisher is not null)
        {
            try
            {
                await publisher.EnsureTopicAsync(Topic, TopicSpec.Default, cancellationToken);
                await publisher.PublishAsync(
                    Topic,
                    [.. notices.Select(notice => Event(model, notice))],
                    cancellationToken
                );
            }
            catch (Exception error)
            {
                LogNotPublished(error, notices.Count, model);
                return false;
            }
        }
        foreach (var notice in notices)
        {
            var alert = notice.Alert;
            var change = notice.Raised ? "raised" : "cleared";
            WatchTelemetry.Alerts.Add(1, GrainTelemetry.Tag("change", change));
            LogAlert(
                change,
                alert.Rule,
                $"{alert.Model}@{alert.Version}",
                alert.Measure.ToString(),
                alert.Feature ?? "",
                alert.Value,
                alert.Bound
            );
        }
        return true;
    }

    private static EventMessage Event(string model, AlertNotice notice)
    {
        var change = notice.Raised ? "raised" : "cleared";
        return new EventMessage
        {
            Id =
                $"{change}/{notice.Alert.Id}@{notice.Alert.RaisedAt.ToUnixTimeMilliseconds():x}/{model}",
            // One model's alerts stay in their order.
            Key = model,
            Type = $"alert.{change}",
            Data = JsonSerializer.SerializeToUtf8Bytes(notice.Alert, ContractsJson.Options),
        };
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Alert {Change}: rule {Rule} of {Version}, {Measure} {Feature} is {Value:G4}, bound {Bound:G4}."
    )]
    private partial void LogAlert(
        string change,
        string rule,
        string version,
        string measure,
        string feature,
        double value,
        double bound
    );

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} alerts of model {Model} could not be published; they are tried again."
    )]
    private partial void LogNotPublished(Exception error, int count, string model);
}
