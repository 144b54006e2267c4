using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Rows of one format, streamed from files.</summary>
internal interface IRowSource : IDisposable
{
    /// <summary>The columns; Nullable says whether the format can leave a value out, not whether a row does.</summary>
    IReadOnlyList<DatasetColumn> Schema { get; }

    /// <summary>Whether the source names its test rows, so that the policy only trains and validates the rest.</summary>
    bool GivesTest { get; }

    /// <summary>Bytes of the sources, as they lie on disk.</summary>
    long BytesTotal { get; }

    /// <summary>Bytes of them read so far.</summary>
    long BytesRead { get; }

    /// <summary>All rows, once, a bounded batch at a time.</summary>
    /// <exception cref="Contracts.InvalidInputException">The source is malformed.</exception>
    IEnumerable<SourceBatch> ReadBatches(CancellationToken cancellationToken);
}
