using System.Text.Json;

namespace OrleansMl.Contracts.Datasets;

/// <summary>One row of a preview.</summary>
public sealed record DatasetPreviewRow
{
    /// <summary><c>train</c>, <c>validation</c> or <c>test</c>.</summary>
    public required string Split { get; init; }

    /// <summary>Column to value: a number, boolean, text or null; a vector as an array; an image as nested arrays, height × width × channels, of 0 to 255.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Values { get; init; }
}
