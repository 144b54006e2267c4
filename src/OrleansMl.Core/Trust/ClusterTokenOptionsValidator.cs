using Microsoft.Extensions.Options;

namespace OrleansMl.Core.Trust;

/// <summary>Fails the start with errors that name the configuration's keys.</summary>
public sealed class ClusterTokenOptionsValidator : IValidateOptions<ClusterTokenOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ClusterTokenOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = options
            .Problems()
            .Select(problem => $"{ClusterTokenOptions.Section}:{problem}")
            .ToList();
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }
}
