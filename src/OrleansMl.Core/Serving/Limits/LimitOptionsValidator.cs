using Microsoft.Extensions.Options;

namespace OrleansMl.Core.Serving.Limits;

/// <summary>Fails the start with errors that name the configuration's keys.</summary>
public sealed class LimitOptionsValidator : IValidateOptions<LimitOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, LimitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = options
            .Problems()
            .Select(problem => $"{LimitOptions.Section}:{problem}")
            .ToList();
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }
}
