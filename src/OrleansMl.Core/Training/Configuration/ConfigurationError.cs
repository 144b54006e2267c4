namespace OrleansMl.Core.Training.Configuration;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Line">Line in the YAML, from 1.</param>
/// <param name="Column">Column in that line, from 1.</param>
/// <param name="Path">The key, for example <c>input_features[0].encoder.channels</c>; empty for the document.</param>
/// <param name="Message">What was expected, what came, what to do.</param>
public sealed record ConfigurationError(int Line, int Column, string Path, string Message)
{
    /// <summary>The error as one line: place, key, message.</summary>
    public override string ToString() =>
        Path.Length == 0
            ? $"line {Line}, column {Column}: {Message}"
            : $"line {Line}, column {Column}: {Path}: {Message}";
}
