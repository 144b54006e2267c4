using OrleansMl.Bridges.Serving.Events;
using OrleansMl.Console;
using OrleansMl.Core.Serving.Caching;
using OrleansMl.Core.Serving.Explanations;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Core.Trust;
using OrleansMl.Data;
using OrleansMl.Engines.Onnx.Serving;
using OrleansMl.Gateway;
using OrleansMl.Gateway.Trust;
using OrleansMl.Grains.Datasets;
using OrleansMl.Grains.Models;
using OrleansMl.Grains.Serving;
using OrleansMl.Grains.Serving.Events;
using OrleansMl.Grains.Serving.Jobs;
using OrleansMl.Grains.Serving.Schedules;
using OrleansMl.Grains.Serving.Watching;
using OrleansMl.Grains.Training;
using OrleansMl.Silo.Training;
using OrleansMl.Storage;

namespace OrleansMl.Silo.Operations;

/// <summary>Every section of a silo's configuration that fills options: what is read, what is refused as unknown, and what docs/options.md lists.</summary>
internal static class ConfigurationSections
{
    /// <summary>The section of <see cref="StorageOptions"/>.</summary>
    public const string Storage = "Storage";

    /// <summary>The section of <see cref="DataOptions"/>.</summary>
    public const string Data = "Data";

    /// <summary>The section of <see cref="OnnxEngineOptions"/>.</summary>
    public const string Onnx = "Onnx";

    /// <summary>The section of the framework's own log levels.</summary>
    public const string Logging = "Logging";

    /// <summary>Sections that <see cref="SiloConfiguration"/> holds, with their options' defaults.</summary>
    public static IReadOnlyList<(string Section, Func<object> Create)> Held { get; } =
    [
        (SiloOptions.Section, () => new SiloOptions()),
        (WorkerOptions.Section, () => new WorkerOptions()),
        (MembershipOptions.Section, () => new MembershipOptions()),
        (TelemetryOptions.Section, () => new TelemetryOptions()),
        (Storage, () => new StorageOptions()),
        (GatewayOptions.Section, () => new GatewayOptions()),
        (HttpOptions.Section, () => new HttpOptions()),
        (SecurityOptions.Section, () => new SecurityOptions()),
    ];

    /// <summary>Sections that the owning projects read and check for themselves, with their options' defaults.</summary>
    public static IReadOnlyList<(string Section, Func<object> Create)> Others { get; } =
    [
        (Data, () => new DataOptions()),
        (Onnx, () => new OnnxEngineOptions()),
        (DatasetOptions.Section, () => new DatasetOptions()),
        (ModelOptions.Section, () => new ModelOptions()),
        (TrainingRunOptions.Section, () => new TrainingRunOptions()),
        (TrainingPoolOptions.Section, () => new TrainingPoolOptions()),
        (PredictorOptions.Section, () => new PredictorOptions()),
        (WatchOptions.Section, () => new WatchOptions()),
        (ExplanationOptions.Section, () => new ExplanationOptions()),
        (NatsOptions.Section, () => new NatsOptions()),
        (EventConsumerOptions.Section, () => new EventConsumerOptions()),
        (RoutingOptions.Section, () => new RoutingOptions()),
        (JobOptions.Section, () => new JobOptions()),
        (ScheduleOptions.Section, () => new ScheduleOptions()),
        (TrafficOptions.Section, () => new TrafficOptions()),
        (ResponseCacheOptions.Section, () => new ResponseCacheOptions()),
        (KeyRingOptions.Section, () => new KeyRingOptions()),
        (ConsoleOptions.Section, () => new ConsoleOptions()),
        (LimitOptions.Section, () => new LimitOptions()),
        (ClusterTokenOptions.Section, () => new ClusterTokenOptions()),
    ];

    /// <summary>The names that may follow a section's, or stand at the root when it is empty.</summary>
    public static IReadOnlyCollection<string> Below(string parent)
    {
        var prefix = parent.Length == 0 ? "" : parent + ':';
        return
        [
            .. Held.Concat(Others)
                .Select(section => section.Section)
                .Append(Logging)
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Select(name => name[prefix.Length..].Split(':')[0])
                .Distinct(),
        ];
    }

    /// <summary>Sections that hold nothing but sections.</summary>
    public static IReadOnlyCollection<string> Parents =>
        [
            .. Held.Concat(Others)
                .Select(section => section.Section)
                .Where(name => name.Contains(':', StringComparison.Ordinal))
                .Select(name => name.Split(':')[0])
                .Distinct(),
        ];
}
