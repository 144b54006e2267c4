using Microsoft.ML.OnnxRuntime;
using OrleansMl.Contracts;

namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>ONNX Runtime's errors as ours.</summary>
internal static class OnnxErrors
{
    private const int MaxLength = 500;

    /// <summary>A file that could not be made a session.</summary>
    public static Exception OfLoad(string file, OnnxRuntimeException error) =>
        OutOfMemory(error) is { } memory
            ? memory
            : new InvalidInputException(
                $"{file} is no ONNX model that can be loaded: {Shorten(error.Message)}",
                error
            );

    /// <summary>Values that the model could not be run on.</summary>
    public static Exception OfRun(OnnxRuntimeException error) =>
        OutOfMemory(error) is { } memory
            ? memory
            : new InvalidInputException(
                $"the model refused the values: {Shorten(error.Message)}",
                error
            );

    private static UnavailableException? OutOfMemory(OnnxRuntimeException error) =>
        error.Message.Contains("bad_alloc", StringComparison.Ordinal)
        || error.Message.Contains("Failed to allocate memory", StringComparison.Ordinal)
            ? new UnavailableException("there is not enough memory for the model now.", error)
            : null;

    private static string Shorten(string message)
    {
        var line = message.ReplaceLineEndings(" ").Trim();
        return line.Length <= MaxLength ? line : line[..MaxLength] + "…";
    }
}
