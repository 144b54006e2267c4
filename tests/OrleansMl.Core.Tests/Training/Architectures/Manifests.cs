using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Tests.Training.Architectures;

/// <summary>Dataset manifests as an import makes them.</summary>
internal static class Manifests
{
    public static DatasetManifest Of(
        string name,
        params (DatasetColumn Column, ColumnStatistics Train)[] columns
    ) => Of(name, 1000, 100, columns);

    public static DatasetManifest Of(
        string name,
        long trainRows,
        long validationRows,
        params (DatasetColumn Column, ColumnStatistics Train)[] columns
    ) =>
        new()
        {
            Id = new DatasetVersionId(name, 1),
            Schema = [.. columns.Select(c => c.Column)],
            Shards = [],
            Splits = new SplitPolicy(),
            Statistics =
            [
                new SplitStatistics
                {
                    Split = "train",
                    Rows = trainRows,
                    Columns = [.. columns.Select(c => c.Train)],
                },
                new SplitStatistics
                {
                    Split = "validation",
                    Rows = validationRows,
                    Columns = [],
                },
            ],
            Rows = trainRows + validationRows,
            Bytes = 0,
        };

    public static (DatasetColumn, ColumnStatistics) Number(
        string name,
        double mean = 0,
        double deviation = 1,
        double minimum = -1,
        double maximum = 1,
        long missing = 0,
        ColumnKind kind = ColumnKind.Number
    ) =>
        (
            new DatasetColumn { Name = name, Kind = kind },
            new ColumnStatistics
            {
                Column = name,
                Count = 1000 - missing,
                Missing = missing,
                Mean = mean,
                StandardDeviation = deviation,
                Minimum = minimum,
                Maximum = maximum,
            }
        );

    public static (DatasetColumn, ColumnStatistics) Values(
        string name,
        ColumnKind kind,
        params (string Value, long Count)[] values
    ) =>
        (
            new DatasetColumn { Name = name, Kind = kind },
            new ColumnStatistics
            {
                Column = name,
                Count = values.Sum(v => v.Count),
                Values =
                [
                    .. values.Select(v => new ValueCount { Value = v.Value, Count = v.Count }),
                ],
            }
        );

    public static (DatasetColumn, ColumnStatistics) Image(
        string name,
        int height = 28,
        int width = 28,
        int channels = 1
    ) =>
        (
            new DatasetColumn
            {
                Name = name,
                Kind = ColumnKind.Image,
                Shape = [height, width, channels],
            },
            new ColumnStatistics
            {
                Column = name,
                Count = 1000,
                Minimum = 0,
                Maximum = 1,
                Mean = 0.25,
                StandardDeviation = 0.5,
            }
        );

    public static (DatasetColumn, ColumnStatistics) Vector(string name, int length) =>
        (
            new DatasetColumn
            {
                Name = name,
                Kind = ColumnKind.Vector,
                Shape = [length],
            },
            new ColumnStatistics
            {
                Column = name,
                Count = 1000,
                Minimum = -2,
                Maximum = 6,
                Mean = 2,
                StandardDeviation = 4,
            }
        );

    /// <summary>Images of clothes in ten classes, by text.</summary>
    public static DatasetManifest Fashion() =>
        Of(
            "fashion",
            54_000,
            6_000,
            Image("image"),
            Values(
                "label",
                ColumnKind.Integer,
                [.. Enumerable.Range(0, 10).Select(i => ($"{(i + 3) % 10}", 5_400L))]
            )
        );
}
