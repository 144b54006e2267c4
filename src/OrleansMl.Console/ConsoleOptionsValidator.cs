using Microsoft.Extensions.Options;

namespace OrleansMl.Console;

/// <summary>Refuses values that make no sense, naming the key.</summary>
internal sealed class ConsoleOptionsValidator : IValidateOptions<ConsoleOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsoleOptions options)
    {
        var errors = new List<string>();
        Within(nameof(options.SessionHours), options.SessionHours, 0.1, 720);
        Within(nameof(options.RefreshSeconds), options.RefreshSeconds, 0.1, 60);
        Within(nameof(options.MaxLiveViews), options.MaxLiveViews, 0, 10_000);
        Within(nameof(options.PageSize), options.PageSize, 1, 500);
        Within(nameof(options.MaxPoints), options.MaxPoints, 10, 5_000);
        return errors.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(errors);

        void Within(string key, double value, double minimum, double maximum)
        {
            if (!(value >= minimum && value <= maximum))
                errors.Add(
                    $"{ConsoleOptions.Section}:{key}: expected {minimum} to {maximum}, got {value}."
                );
        }
    }
}
