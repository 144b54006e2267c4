using Microsoft.Extensions.Options;

namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Refuses times and limits that make no sense, naming the key.</summary>
public sealed class TrafficOptionsValidator : IValidateOptions<TrafficOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, TrafficOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] problems =
        [
            .. Within(nameof(options.ReportSeconds), options.ReportSeconds, 0.1, 3600),
            .. Within(nameof(options.ShadowQueueLimit), options.ShadowQueueLimit, 1, 1_000_000),
            .. Within(nameof(options.ShadowQueueBytes), options.ShadowQueueBytes, 1, 1L << 40),
            .. Within(nameof(options.ShadowConcurrency), options.ShadowConcurrency, 1, 256),
        ];
        return problems.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Within(string key, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
            yield return $"{TrafficOptions.Section}:{key}: expected {least} to {most}, got {value}.";
    }
}
