namespace OrleansMl.Client.Datasets;

/// <summary>How far an import is.</summary>
/// <param name="Stage">What it is doing.</param>
/// <param name="Bytes">Bytes sent, or read by the gateway.</param>
/// <param name="TotalBytes">Of so many.</param>
/// <param name="Rows">Rows read; 0 while uploading.</param>
public readonly record struct DatasetImportProgress(
    DatasetImportStage Stage,
    long Bytes,
    long TotalBytes,
    long Rows
);
