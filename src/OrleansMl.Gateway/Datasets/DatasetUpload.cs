using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Gateway.Datasets;

/// <summary>Files ready to import, and how.</summary>
internal sealed record DatasetUpload(
    IReadOnlyList<DatasetSourceFile> Files,
    DatasetImportOptions Options
);
