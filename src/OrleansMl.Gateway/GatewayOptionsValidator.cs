using Microsoft.Extensions.Options;

namespace OrleansMl.Gateway;

/// <summary>Refuses limits that make no sense, naming the key.</summary>
internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var errors = new List<string>();
        AtLeast(nameof(options.MaxUploadBytes), options.MaxUploadBytes, 1);
        AtLeast(nameof(options.MaxUploadFiles), options.MaxUploadFiles, 1);
        AtLeast(nameof(options.MaxModelBytes), options.MaxModelBytes, 1);
        AtLeast(nameof(options.MaxInferenceBytes), options.MaxInferenceBytes, 1);
        AtMost(nameof(options.MaxInferenceBytes), options.MaxInferenceBytes, Array.MaxLength);
        AtLeast(nameof(options.MaxBodyBytes), options.MaxBodyBytes, 1);
        AtMost(nameof(options.MaxBodyBytes), options.MaxBodyBytes, Array.MaxLength);
        AtLeast(nameof(options.MaxInstances), options.MaxInstances, 1);
        AtLeast(nameof(options.MaxConcurrentImports), options.MaxConcurrentImports, 1);
        AtLeast(nameof(options.MaxEventStreams), options.MaxEventStreams, 1);
        AtLeast(nameof(options.MaxStreamInFlight), options.MaxStreamInFlight, 1);
        AtLeast(nameof(options.MaxRepositoryIndex), options.MaxRepositoryIndex, 1);
        AtLeast(nameof(options.MaxConcurrentRequests), options.MaxConcurrentRequests, 1);
        AtLeast(
            nameof(options.MaxBytesInFlight),
            options.MaxBytesInFlight,
            options.MaxInferenceBytes
        );
        Within(nameof(options.RetryAfterBusySeconds), options.RetryAfterBusySeconds, 1, 3600);
        Within(
            nameof(options.RetryAfterUnavailableSeconds),
            options.RetryAfterUnavailableSeconds,
            1,
            3600
        );
        if (string.IsNullOrWhiteSpace(options.ServerName))
            errors.Add(
                $"{GatewayOptions.Section}:{nameof(options.ServerName)}: expected a name, got '{options.ServerName}'."
            );
        AtLeast(nameof(options.MinFreeBytes), options.MinFreeBytes, 0);
        Within(nameof(options.HeartbeatSeconds), options.HeartbeatSeconds, 0.1, 3600);
        foreach (var root in options.ImportRoots)
        {
            if (!Path.IsPathFullyQualified(root))
                errors.Add(
                    $"{GatewayOptions.Section}:{nameof(options.ImportRoots)}: expected absolute paths, got '{root}'."
                );
        }
        return errors.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(errors);

        void AtLeast(string key, long value, long minimum)
        {
            if (value < minimum)
                errors.Add(
                    $"{GatewayOptions.Section}:{key}: expected {minimum} or more, got {value}."
                );
        }

        void AtMost(string key, long value, long maximum)
        {
            if (value > maximum)
                errors.Add(
                    $"{GatewayOptions.Section}:{key}: expected {maximum} or less, got {value}."
                );
        }

        void Within(string key, double value, double minimum, double maximum)
        {
            if (!(value >= minimum && value <= maximum))
                errors.Add(
                    $"{GatewayOptions.Section}:{key}: expected {minimum} to {maximum}, got {value}."
                );
        }
    }
}
