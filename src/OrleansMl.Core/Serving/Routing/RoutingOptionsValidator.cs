using Microsoft.Extensions.Options;

namespace OrleansMl.Core.Serving.Routing;

/// <summary>Refuses times and limits that make no sense, naming the key.</summary>
public sealed class RoutingOptionsValidator : IValidateOptions<RoutingOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RoutingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] problems =
        [
            .. Within(nameof(options.RefreshSeconds), options.RefreshSeconds, 0.01, 60),
            .. Within(nameof(options.StaleSeconds), options.StaleSeconds, 1, 86_400),
            .. Within(nameof(options.WaitMilliseconds), options.WaitMilliseconds, 1, 30_000),
            .. Within(nameof(options.WarmSeconds), options.WarmSeconds, 0.1, 3_600),
            .. Within(nameof(options.MaxRoutes), options.MaxRoutes, 1, 10_000_000),
        ];
        return problems.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Within(
        string option,
        double value,
        double least,
        double most
    )
    {
        if (!(value >= least && value <= most))
            yield return $"{RoutingOptions.Section}:{option}: expected {least} to {most}, got {value}.";
    }
}
