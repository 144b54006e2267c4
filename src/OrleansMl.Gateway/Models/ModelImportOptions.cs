namespace OrleansMl.Gateway.Models;

/// <summary>What a caller says of the ONNX file that it imports.</summary>
/// <param name="CommandId">Makes the registration happen once.</param>
/// <param name="Labels">Class labels by index; may be empty.</param>
/// <param name="Task">As in a model's signature.</param>
/// <param name="Source">Where the file came from.</param>
/// <param name="By">Who asks.</param>
internal sealed record ModelImportOptions(
    string CommandId,
    IReadOnlyList<string> Labels,
    string Task,
    string Source,
    string By
);
