using Microsoft.Extensions.Options;

namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>Checks the options at start, naming each wrong key.</summary>
internal sealed class OnnxEngineOptionsValidator : IValidateOptions<OnnxEngineOptions>
{
    private const int MaxThreads = 256;
    private const int MaxTimedCalls = 1_000;

    public ValidateOptionsResult Validate(string? name, OnnxEngineOptions options)
    {
        var errors = new List<string>();
        Check(
            options.ExecutionProvider is "cpu" or "cuda",
            nameof(options.ExecutionProvider),
            "cpu or cuda",
            options.ExecutionProvider
        );
        Check(
            options.DeviceId is >= 0 and < MaxThreads,
            nameof(options.DeviceId),
            "0 to 255",
            options.DeviceId
        );
        Check(
            options.IntraOpThreads is >= 1 and <= MaxThreads,
            nameof(options.IntraOpThreads),
            "1 to 256",
            options.IntraOpThreads
        );
        Check(
            options.InterOpThreads is >= 1 and <= MaxThreads,
            nameof(options.InterOpThreads),
            "1 to 256",
            options.InterOpThreads
        );
        Check(
            options.MaxModelBytes is >= 1 and <= int.MaxValue,
            nameof(options.MaxModelBytes),
            "1 to 2,147,483,647",
            options.MaxModelBytes
        );
        Check(
            options.LoadTimeout > TimeSpan.Zero && options.LoadTimeout <= TimeSpan.FromHours(1),
            nameof(options.LoadTimeout),
            "above 0 and at most an hour",
            options.LoadTimeout
        );
        Check(
            options.InlineThreshold >= TimeSpan.Zero
                && options.InlineThreshold <= TimeSpan.FromMilliseconds(10),
            nameof(options.InlineThreshold),
            "0 to 10 ms",
            options.InlineThreshold
        );
        Check(
            options.TimedCalls is >= 1 and <= MaxTimedCalls,
            nameof(options.TimedCalls),
            "1 to 1,000",
            options.TimedCalls
        );
        Check(
            options.MaxOutputBytes is >= 1 and <= int.MaxValue,
            nameof(options.MaxOutputBytes),
            "1 to 2,147,483,647",
            options.MaxOutputBytes
        );
        return errors.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(errors);

        void Check(bool sound, string key, string expected, object? value)
        {
            if (!sound)
                errors.Add($"{nameof(OnnxEngineOptions)}.{key}: expected {expected}, got {value}.");
        }
    }
}
