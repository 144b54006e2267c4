using Microsoft.Extensions.Options;

namespace OrleansMl.Data;

/// <summary>Refuses limits that can't work, naming the key.</summary>
internal sealed class DataOptionsValidator : IValidateOptions<DataOptions>
{
    public ValidateOptionsResult Validate(string? name, DataOptions options)
    {
        var errors = new List<string>();
        void AtLeast(string key, long value, long least)
        {
            if (value < least)
                errors.Add($"Data:{key}: expected {least} or more, got {value}.");
        }
        AtLeast(nameof(options.MaxRowsPerShard), options.MaxRowsPerShard, 1);
        AtLeast(nameof(options.MaxBytesPerShard), options.MaxBytesPerShard, 1);
        AtLeast(nameof(options.MaxRowsPerBatch), options.MaxRowsPerBatch, 1);
        AtLeast(nameof(options.MaxBytesPerBatch), options.MaxBytesPerBatch, 1);
        AtLeast(nameof(options.MaxShardsInFlight), options.MaxShardsInFlight, 1);
        AtLeast(nameof(options.MaxFiles), options.MaxFiles, 1);
        AtLeast(nameof(options.MaxColumns), options.MaxColumns, 1);
        AtLeast(nameof(options.MaxBytesPerValue), options.MaxBytesPerValue, 1);
        AtLeast(nameof(options.MaxTextLength), options.MaxTextLength, 1);
        AtLeast(nameof(options.MaxRecordLength), options.MaxRecordLength, 1024);
        AtLeast(nameof(options.InferenceRows), options.InferenceRows, 1);
        AtLeast(nameof(options.MaxDistinctValues), options.MaxDistinctValues, 1);
        AtLeast(nameof(options.MaxBytesOfDistinctValues), options.MaxBytesOfDistinctValues, 0);
        AtLeast(nameof(options.MaxDistinctValuesInAll), options.MaxDistinctValuesInAll, 1);
        if (options.TemporaryDirectory is { } directory && !Path.IsPathRooted(directory))
            errors.Add(
                $"Data:{nameof(options.TemporaryDirectory)}: expected an absolute path, got '{directory}'."
            );
        return errors.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(errors);
    }
}
