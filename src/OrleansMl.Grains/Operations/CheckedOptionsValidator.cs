using Microsoft.Extensions.Options;

namespace OrleansMl.Grains.Operations;

/// <summary>Fails the start with errors that name the configuration's keys.</summary>
internal sealed class CheckedOptionsValidator<T>(string section) : IValidateOptions<T>
    where T : class, ICheckedOptions
{
    public ValidateOptionsResult Validate(string? name, T options)
    {
        var problems = options.Problems().Select(problem => $"{section}:{problem}").ToList();
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }
}
