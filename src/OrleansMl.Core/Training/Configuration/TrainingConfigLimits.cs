namespace OrleansMl.Core.Training.Configuration;

/// <summary>How large a training configuration and its network may be; what is larger is refused before anything is allocated.</summary>
public sealed record TrainingConfigLimits
{
    /// <summary>The limits in force where none are given.</summary>
    public static TrainingConfigLimits Default { get; } = new();

    /// <summary>Most bytes of UTF-8 of a document. A longer one is no configuration, and reading it costs memory and time. Default 1 MiB.</summary>
    public int MaxDocumentBytes { get; init; } = 1024 * 1024;

    /// <summary>Deepest nesting of mappings and lists. Real configurations need 6. Default 32.</summary>
    public int MaxDepth { get; init; } = 32;

    /// <summary>Most nodes, every use of an alias counted in full, so that nested aliases can't multiply. Default 100,000.</summary>
    public int MaxNodes { get; init; } = 100_000;

    /// <summary>Most errors that are listed; a document with more is told so. Default 50.</summary>
    public int MaxErrors { get; init; } = 50;

    /// <summary>
    /// Most parameters of a network: those that one ONNX file of less than 2 GiB holds at 4 bytes each, so that no run
    /// ends in a model that can't be exported. Each takes about 16 bytes while training with Adam. Default 450,000,000.
    /// </summary>
    public long MaxParameters { get; init; } = 450_000_000;

    /// <summary>Most numbers that one layer gives for one example; a batch of activations is that many times larger. Default 64 Mi.</summary>
    public long MaxLayerOutputs { get; init; } = 64 * 1024 * 1024;
}
