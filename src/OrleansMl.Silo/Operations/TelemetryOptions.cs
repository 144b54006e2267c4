namespace OrleansMl.Silo.Operations;

/// <summary>Where traces, metrics and logs go. Section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Telemetry";

    /// <summary>An OpenTelemetry collector's gRPC address, for example <c>http://127.0.0.1:4317</c>. Default: none, nothing is sent.</summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary>Answers Prometheus under <c>/metrics</c>. Default true.</summary>
    public bool Prometheus { get; set; } = true;

    /// <summary>Share of requests that are traced when no caller decided, 0 to 1. Default 0.05: a trace of every prediction would cost more than the prediction.</summary>
    public double TraceRatio { get; set; } = 0.05;

    /// <summary><c>json</c> (a line an event), <c>text</c> for people, or <c>auto</c>: text on a terminal. Default <c>auto</c>.</summary>
    public string LogFormat { get; set; } = "auto";

    /// <summary>What is wrong with these values.</summary>
    public IEnumerable<string> Validate()
    {
        if (
            OtlpEndpoint is not null
            && !(
                Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var uri)
                && uri.Scheme is "http" or "https"
            )
        )
            yield return $"{Section}:{nameof(OtlpEndpoint)}: expected http://HOST:PORT, got '{OtlpEndpoint}'.";
        if (TraceRatio is not (>= 0 and <= 1))
            yield return $"{Section}:{nameof(TraceRatio)}: expected 0 to 1, got {TraceRatio}.";
        if (LogFormat is not ("auto" or "json" or "text"))
            yield return $"{Section}:{nameof(LogFormat)}: expected auto, json or text, got '{LogFormat}'.";
    }
}
