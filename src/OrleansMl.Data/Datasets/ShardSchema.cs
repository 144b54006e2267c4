using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using ParquetSharp;
using ParquetSharp.Schema;

namespace OrleansMl.Data.Datasets;

/// <summary>
/// A shard's Parquet schema. Integer: INT64, Number: DOUBLE, Boolean: BOOLEAN, Text: STRING, all optional. Image and Vector:
/// required FIXED_LEN_BYTE_ARRAY (pixels; little-endian 32-bit floats). Last, required INT32 <c>__split</c>.
/// </summary>
internal static class ShardSchema
{
    /// <summary>Elements of one value: pixels of an image, floats of a vector, else 1.</summary>
    public static int Width(DatasetColumn column) =>
        column.Shape.Aggregate(1, (a, b) => checked(a * b));

    /// <summary>Bytes of one value of fixed length; 0 of another.</summary>
    public static int FixedLength(DatasetColumn column) =>
        column.Kind switch
        {
            ColumnKind.Image => Width(column),
            ColumnKind.Vector => checked(Width(column) * sizeof(float)),
            _ => 0,
        };

    public static bool IsOptional(ColumnKind kind) =>
        kind is not (ColumnKind.Image or ColumnKind.Vector);

    public static GroupNode Create(IReadOnlyList<DatasetColumn> schema)
    {
        using var split = new PrimitiveNode(
            DatasetSplits.ColumnName,
            Repetition.Required,
            LogicalType.None(),
            PhysicalType.Int32
        );
        return new GroupNode("schema", Repetition.Required, [.. schema.Select(ToNode), split]);
    }

    /// <summary>Dictionaries pay for repeated values alone; compression is chosen by measurement (ADR 0003); the artifact's hash is the checksum.</summary>
    public static WriterProperties CreateProperties(IReadOnlyList<DatasetColumn> schema)
    {
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(Compression.Lz4).DisableStatistics();
        // A page an image or two would cost a call each; a page of 1 MiB holds a thousand.
        builder.DataPagesize(1 << 20);
        foreach (
            var column in schema.Where(c =>
                c.Kind is ColumnKind.Image or ColumnKind.Vector or ColumnKind.Number
            )
        )
            using (var path = new ColumnPath([column.Name]))
                builder.DisableDictionary(path);
        return builder.Build();
    }

    public static PhysicalType PhysicalTypeOf(ColumnKind kind) =>
        kind switch
        {
            ColumnKind.Number => PhysicalType.Double,
            ColumnKind.Integer => PhysicalType.Int64,
            ColumnKind.Boolean => PhysicalType.Boolean,
            ColumnKind.Text => PhysicalType.ByteArray,
            ColumnKind.Image or ColumnKind.Vector => PhysicalType.FixedLenByteArray,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown column kind."),
        };

    private static PrimitiveNode ToNode(DatasetColumn column) =>
        new(
            column.Name,
            IsOptional(column.Kind) ? Repetition.Optional : Repetition.Required,
            column.Kind == ColumnKind.Text ? LogicalType.String() : LogicalType.None(),
            PhysicalTypeOf(column.Kind),
            column.Shape.Count > 0 ? FixedLength(column) : -1
        );
}
