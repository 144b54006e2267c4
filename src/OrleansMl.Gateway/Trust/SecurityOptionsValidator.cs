using Microsoft.Extensions.Options;

namespace OrleansMl.Gateway.Trust;

/// <summary>Refuses entries that are no digests, naming the entry's place and never its text, which may be a key put there by mistake.</summary>
internal sealed class SecurityOptionsValidator : IValidateOptions<SecurityOptions>
{
    public ValidateOptionsResult Validate(string? name, SecurityOptions options)
    {
        var errors = options
            .ApiKeys.Select((entry, index) => (entry, index))
            .Where(item => !ConfiguredKeys.TryParse(item.entry, out _))
            .Select(item =>
                $"{SecurityOptions.Section}:{nameof(options.ApiKeys)}:{item.index}: expected the SHA-256 digest of a key as 64 hexadecimal digits, with 'name:' before it if wanted."
            )
            .Concat(
                options
                    .Jwt.Problems()
                    .Select(problem => $"{SecurityOptions.Section}:{nameof(options.Jwt)}:{problem}")
            )
            .ToList();
        return errors.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(errors);
    }
}
