using Microsoft.Extensions.Options;

namespace OrleansMl.Core.Serving.Caching;

/// <summary>Refuses a room that makes no sense, naming the key.</summary>
public sealed class ResponseCacheOptionsValidator : IValidateOptions<ResponseCacheOptions>
{
    private const long Least = 1L << 20;
    private const long Most = 1L << 40;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ResponseCacheOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.MaxBytes is >= Least and <= Most
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{ResponseCacheOptions.Section}:{nameof(options.MaxBytes)}: expected {Least} to {Most}, got {options.MaxBytes}."
            );
    }
}
