namespace OrleansMl.Core.Datasets;

/// <summary>How far an import is.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="BytesRead">Source bytes read.</param>
/// <param name="BytesTotal">Source bytes in all.</param>
public readonly record struct DatasetImportProgress(long Rows, long BytesRead, long BytesTotal);
