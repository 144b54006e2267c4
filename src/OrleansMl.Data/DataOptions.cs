using OrleansMl.Core.Datasets;

namespace OrleansMl.Data;

/// <summary>Limits of import and the form of shards.</summary>
public sealed class DataOptions
{
    /// <summary>Rows of one shard at the most. Smaller shards let a reader skip and a version share more; larger ones open fewer files. Default 65,536.</summary>
    public int MaxRowsPerShard { get; set; } = 65_536;

    /// <summary>Bytes of one shard's values, uncompressed, after which it is closed. Bounds the temporary disk space of an import. Default 64 MiB.</summary>
    public long MaxBytesPerShard { get; set; } = 64L << 20;

    /// <summary>Rows held in memory at once, which is also a row group of a shard. Default 8,192.</summary>
    public int MaxRowsPerBatch { get; set; } = 8_192;

    /// <summary>Bytes of values held in memory at once; a batch has one row at the least. Default 8 MiB.</summary>
    public long MaxBytesPerBatch { get; set; } = 8L << 20;

    /// <summary>Closed shards that wait for the artifact store before reading pauses. Default 2.</summary>
    public int MaxShardsInFlight { get; set; } = 2;

    /// <summary>Files of one import. Default 10,000.</summary>
    public int MaxFiles { get; set; } = 10_000;

    /// <summary>Columns of a dataset; the manifest holds statistics of each. Default 2,000.</summary>
    public int MaxColumns { get; set; } = 2_000;

    /// <summary>Bytes of one image or vector: refuses files whose header claims absurd sizes. Default 64 MiB.</summary>
    public int MaxBytesPerValue { get; set; } = 64 << 20;

    /// <summary>Characters of one text field. Default 65,536.</summary>
    public int MaxTextLength { get; set; } = 65_536;

    /// <summary>Characters of one CSV record, all its fields together; also where an unclosed quote stops. Default 4 Mi.</summary>
    public int MaxRecordLength { get; set; } = 4 << 20;

    /// <summary>CSV rows from which kinds of columns are inferred. Default 10,000.</summary>
    public int InferenceRows { get; set; } = 10_000;

    /// <summary>CSV fields that mean "no value", compared exactly after trimming. Default, with null: the empty field, <c>NA</c>, <c>?</c> and <c>null</c>.</summary>
    public IReadOnlyList<string>? MissingValues { get; set; }

    /// <summary>Distinct values that statistics count a column and split. Default 10,000.</summary>
    public int MaxDistinctValues { get; set; } = 10_000;

    /// <summary>Counted values over all columns and splits: bounds the manifest, which rides in grain messages. Default 60,000.</summary>
    public int MaxDistinctValuesInAll { get; set; } = 60_000;

    /// <summary>Bytes of memory for counting distinct values while importing; past them, columns are marked truncated. Default 64 MiB.</summary>
    public long MaxBytesOfDistinctValues { get; set; } = 64L << 20;

    /// <summary>Where shards are written before the artifact store has them; null: the system's folder for temporary files.</summary>
    public string? TemporaryDirectory { get; set; }

    // A default in the property itself would be added to by configuration, not replaced.
    internal IReadOnlyList<string> MissingOrDefault => MissingValues ?? ["", "NA", "?", "null"];

    internal StatisticsLimits StatisticsLimits =>
        new(
            MaxDistinctValues,
            DistinctValuesInAll: MaxDistinctValuesInAll,
            BytesOfDistinctValues: MaxBytesOfDistinctValues
        );

    internal int RowsPerBatch => Math.Min(MaxRowsPerBatch, MaxRowsPerShard);
}
