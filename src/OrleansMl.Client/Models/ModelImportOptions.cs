namespace OrleansMl.Client.Models;

/// <summary>What an ONNX file doesn't say of itself.</summary>
public sealed record ModelImportOptions
{
    /// <summary>Labels by class index, for a model that classifies. Default: none.</summary>
    public IReadOnlyList<string> ClassLabels { get; init; } = [];

    /// <summary><c>classification</c>, <c>binary</c>, <c>regression</c> or <c>unknown</c>. Default: classification when there are labels, else unknown.</summary>
    public string? Task { get; init; }

    /// <summary>Where the file comes from, for people. Default: its name.</summary>
    public string? Source { get; init; }

    /// <summary>The command's id: the same id gives the first answer again. Default: a new one, kept through all tries.</summary>
    public string? CommandId { get; init; }
}
