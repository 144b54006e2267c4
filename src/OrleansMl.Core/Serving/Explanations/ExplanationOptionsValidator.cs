using Microsoft.Extensions.Options;

namespace OrleansMl.Core.Serving.Explanations;

/// <summary>Refuses limits that make no sense, naming the key.</summary>
public sealed class ExplanationOptionsValidator : IValidateOptions<ExplanationOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ExplanationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] problems =
        [
            .. Within(nameof(options.MaxPlayers), options.MaxPlayers, 1_000_000),
            .. Within(nameof(options.MaxEvaluations), options.MaxEvaluations, 100_000_000),
            .. Within(nameof(options.BatchRows), options.BatchRows, 100_000),
        ];
        return problems.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Within(string option, int value, int most)
    {
        if (value < 1 || value > most)
            yield return $"{ExplanationOptions.Section}:{option}: expected 1 to {most}, got {value}.";
    }
}
