using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OrleansMl.Silo.Operations;

/// <summary>Logs, traces and metrics of a silo process.</summary>
internal static class SiloObservability
{
    private const string OwnSources = "OrleansMl.*";
    private const string OrleansMeter = "Microsoft.Orleans";
    private static readonly string[] UnusedInstruments =
    [
        "http.server.active_requests",
        "aspnetcore.routing.match_attempts",
    ];
    private static readonly string[] OrleansSources =
    [
        "Microsoft.Orleans.Runtime",
        "Microsoft.Orleans.Application",
    ];

    /// <summary>Adds all three.</summary>
    public static void AddObservability(
        this WebApplicationBuilder builder,
        SiloConfiguration configuration
    )
    {
        AddLogs(builder.Logging, configuration);
        var options = configuration.Telemetry;
        var telemetry = builder
            .Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource.AddService(
                    "orleansml",
                    serviceVersion: typeof(SiloObservability)
                        .Assembly.GetName()
                        .Version?.ToString(3),
                    serviceInstanceId: configuration.Silo.Name
                )
            )
            .WithMetrics(metrics =>
            {
                metrics
                    .AddMeter(OwnSources, OrleansMeter)
                    .AddAspNetCoreInstrumentation()
                    .AddRuntimeInstrumentation();
                // Two updates a request each, and nothing that the duration's count and the serving metrics don't tell.
                foreach (var name in UnusedInstruments)
                    metrics.AddView(name, MetricStreamConfiguration.Drop);
                if (options.Prometheus)
                    metrics.AddPrometheusExporter();
                if (options.OtlpEndpoint is { } endpoint)
                    metrics.AddOtlpExporter(otlp => otlp.Endpoint = new Uri(endpoint));
            });
        if (options.OtlpEndpoint is { } collector)
            telemetry.WithTracing(traces =>
                traces
                    .SetSampler(
                        new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceRatio))
                    )
                    .AddSource([OwnSources, .. OrleansSources])
                    .AddAspNetCoreInstrumentation()
                    .AddOtlpExporter(otlp => otlp.Endpoint = new Uri(collector))
            );
    }

    private static void AddLogs(ILoggingBuilder logging, SiloConfiguration configuration)
    {
        // A filter takes every category that begins with its text, so ours needs its own beside Orleans'.
        logging.AddFilter("Orleans", LogLevel.Warning);
        logging.AddFilter("OrleansMl", LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        // It says nothing at warning and above, but being on makes an Activity of each request.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("System.Net.Http", LogLevel.Warning);
        logging.AddFilter("Polly", LogLevel.Warning);
        // It tells of every message that a client got wrong as of an error; what is an error of ours we log ourselves.
        logging.AddFilter("Grpc.AspNetCore.Server.ServerCallHandler", LogLevel.Critical);
        logging.AddConfiguration(configuration.Root.GetSection("Logging"));
        var json =
            configuration.Telemetry.LogFormat == "json"
            || (configuration.Telemetry.LogFormat == "auto" && System.Console.IsOutputRedirected);
        if (json)
            logging.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                options.IncludeScopes = false;
            });
        else
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.TimestampFormat = "HH:mm:ss ";
                options.ColorBehavior = LoggerColorBehavior.Default;
            });
    }
}
