using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using ParquetSharp;

namespace OrleansMl.Data.Datasets;

/// <summary>A column of a Parquet file: what it holds there and what it becomes here.</summary>
/// <param name="Column">Its name, kind and shape in the dataset.</param>
/// <param name="Ordinal">Its number in the file.</param>
/// <param name="Physical">Its type in the file.</param>
/// <param name="IsUnsigned">Whether integers have no sign.</param>
/// <param name="MaxDefinitionLevel">The level of a value that is there.</param>
internal sealed record ParquetColumn(
    DatasetColumn Column,
    int Ordinal,
    PhysicalType Physical,
    bool IsUnsigned,
    short MaxDefinitionLevel
)
{
    /// <summary>Finds out how to read a column, or says why it can't be.</summary>
    public static ParquetColumn Of(
        ParquetFileReader file,
        string fileName,
        int ordinal,
        ColumnKind? asked
    )
    {
        var descriptor = file.FileMetaData.Schema.Column(ordinal);
        using var logical = descriptor.LogicalType;
        using var path = descriptor.Path;
        var names = path.ToDotVector();
        var name = names[0];
        var type =
            logical is NoneLogicalType
                ? $"{descriptor.PhysicalType}"
                : $"{descriptor.PhysicalType} ({logical.Type})";
        InvalidInputException Refuse(string what) =>
            new(
                $"{fileName}: column '{name}' has the Parquet type {what}; expected whole numbers, floating-point numbers, booleans, strings, or lists of floating-point numbers of one length. Convert it or leave it out."
            );
        var list = names.Length > 1;
        if (list && !IsVector(descriptor, names, logical))
            throw Refuse($"nested {type}");
        var found =
            list ? ColumnKind.Vector
            : KindOf(descriptor.PhysicalType, logical) is { } kind ? kind
            : throw Refuse(type);
        if (asked is { } wanted && wanted != found)
            found =
                (found, wanted) == (ColumnKind.Integer, ColumnKind.Number)
                    ? wanted
                    : throw new InvalidInputException(
                        $"{fileName}: column '{name}' expected {wanted}, got {found} (Parquet type {type})."
                    );
        return new ParquetColumn(
            new DatasetColumn
            {
                Name = name,
                Kind = found,
                Shape = list ? [LengthOf(file, fileName, name, ordinal)] : [],
            },
            ordinal,
            descriptor.PhysicalType,
            logical is IntLogicalType { IsSigned: false },
            descriptor.MaxDefinitionLevel
        );
    }

    private static bool IsVector(ColumnDescriptor column, string[] names, LogicalType logical) =>
        column.MaxRepetitionLevel == 1
        && names.Length == 3
        && logical is NoneLogicalType
        && column.PhysicalType is PhysicalType.Float or PhysicalType.Double;

    private static ColumnKind? KindOf(PhysicalType physical, LogicalType logical) =>
        (physical, logical) switch
        {
            (PhysicalType.Boolean, NoneLogicalType) => ColumnKind.Boolean,
            (PhysicalType.Int32 or PhysicalType.Int64, NoneLogicalType or IntLogicalType) =>
                ColumnKind.Integer,
            (PhysicalType.Float or PhysicalType.Double, NoneLogicalType) => ColumnKind.Number,
            // Older writers leave strings unmarked; what is not UTF-8 is refused as it is read.
            (
                PhysicalType.ByteArray,
                NoneLogicalType
                    or StringLogicalType
                    or EnumLogicalType
                    or JsonLogicalType
            ) => ColumnKind.Text,
            _ => null,
        };

    // Elements a row, by the counts of the first row group that has rows; each row is checked as it is read.
    private static int LengthOf(ParquetFileReader file, string fileName, string name, int ordinal)
    {
        for (var g = 0; g < file.FileMetaData.NumRowGroups; g++)
        {
            using var group = file.RowGroup(g);
            var rows = group.MetaData.NumRows;
            if (rows == 0)
                continue;
            using var chunk = group.MetaData.GetColumnChunkMetaData(ordinal);
            var values = chunk.NumValues;
            if (
                rows < 0
                || values < rows
                || values % rows != 0
                || values / rows > int.MaxValue / sizeof(float)
            )
                throw new InvalidInputException(
                    $"{fileName}: column '{name}' expected lists of one length, got {values} values in the {rows} rows of row group {g}."
                );
            return (int)(values / rows);
        }
        return 1;
    }
}
