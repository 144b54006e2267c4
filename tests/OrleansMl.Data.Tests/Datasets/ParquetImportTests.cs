using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using ParquetSharp;

namespace OrleansMl.Data.Tests.Datasets;

public sealed class ParquetImportTests : IDisposable
{
    private readonly Import _import = new();

    public void Dispose() => _import.Dispose();

    [Fact]
    public async Task Flat_columns_of_every_type_come_back()
    {
        var file = Write(
            ("i8", (sbyte[])[1, -2, 3]),
            ("u32", (uint[])[1, uint.MaxValue, 3]),
            ("i64", (long?[])[1, null, long.MinValue]),
            ("f32", (float?[])[0.5f, null, -1]),
            ("f64", (double[])[1, 2, 3]),
            ("b", (bool?[])[true, null, false]),
            ("t", (string?[])["a", null, "ü😀"]),
            (
                "v32",
                (float[][])
                    [
                        [1, 2],
                        [3, 4],
                        [5, 6],
                    ]
            ),
            (
                "v64",
                (double[][])
                    [
                        [1],
                        [2],
                        [3],
                    ]
            )
        );
        var result = await _import.RunAsync(file);
        Assert.Equal(
            [
                ColumnKind.Integer,
                ColumnKind.Integer,
                ColumnKind.Integer,
                ColumnKind.Number,
                ColumnKind.Number,
                ColumnKind.Boolean,
                ColumnKind.Text,
                ColumnKind.Vector,
                ColumnKind.Vector,
            ],
            result.Schema.Select(c => c.Kind)
        );
        Assert.Equal([2], result.Schema[7].Shape);
        var rows = _import.Rows(result);
        Assert.Equal(
            [1L, 1L, 1L, 0.5, 1.0, true, "a", new float[] { 1, 2 }, new float[] { 1 }],
            rows[0][..^1]
        );
        Assert.Equal(
            [
                -2L,
                (long)uint.MaxValue,
                null,
                null,
                2.0,
                null,
                null,
                new float[] { 3, 4 },
                new float[] { 2 },
            ],
            rows[1][..^1]
        );
        Assert.Equal(
            [
                3L,
                3L,
                long.MinValue,
                -1.0,
                3.0,
                false,
                "ü😀",
                new float[] { 5, 6 },
                new float[] { 3 },
            ],
            rows[2][..^1]
        );
    }

    [Fact]
    public async Task Many_rows_and_row_groups_come_back_in_order()
    {
        _import.Options.MaxRowsPerBatch = 100;
        var path = _import.Artifacts.PathOf("big.parquet");
        using (
            var writer = new ParquetFileWriter(
                path,
                [new Column<long?>("a"), new Column<string>("t"), new Column<float[]>("v")]
            )
        )
        {
            for (var g = 0; g < 3; g++)
            {
                using var group = writer.AppendRowGroup();
                var ids = Enumerable.Range(g * 1000, 1000).ToArray();
                using (var c = group.NextColumn().LogicalWriter<long?>())
                    c.WriteBatch([.. ids.Select(i => i % 3 == 0 ? null : (long?)i)]);
                using (var c = group.NextColumn().LogicalWriter<string>())
                    c.WriteBatch([.. ids.Select(i => $"text {i}")]);
                using (var c = group.NextColumn().LogicalWriter<float[]>())
                    c.WriteBatch([.. ids.Select(i => new float[] { i, -i, 1 })]);
            }
            writer.Close();
        }
        var result = await _import.RunAsync(new DatasetSourceFile("big.parquet", path));
        var rows = _import.Rows(result);
        Assert.Equal(3000, rows.Count);
        for (var i = 0; i < rows.Count; i++)
            Assert.Equal(
                [i % 3 == 0 ? null : (long)i, $"text {i}", new float[] { i, -i, 1 }],
                rows[i][..^1]
            );
    }

    [Fact]
    public async Task Integers_may_be_asked_for_as_numbers()
    {
        var request = new DatasetImportRequest
        {
            Name = "d",
            Files = [Write(("a", (int?[])[1, null]))],
            ColumnKinds = new Dictionary<string, ColumnKind> { ["a"] = ColumnKind.Number },
        };
        var result = await _import.RunAsync(request);
        Assert.Equal([1.0, null], _import.Rows(result).Select(r => r[0]));
        Assert.Equal(
            "t.parquet: column 'a' expected Boolean, got Integer (Parquet type Int32 (Int)).",
            await _import.RefusalAsync(
                request with
                {
                    ColumnKinds = new Dictionary<string, ColumnKind> { ["a"] = ColumnKind.Boolean },
                }
            )
        );
    }

    [Fact]
    public async Task Values_that_cannot_be_learned_from_are_refused_naming_column_and_row()
    {
        Assert.Equal(
            "t.parquet, row 2, column 'a': expected a finite number, got NaN; store a null where the value is missing.",
            await _import.RefusalAsync(Write(("a", (double[])[1, double.NaN])))
        );
        Assert.Equal(
            "t.parquet, row 1, column 'v': expected a finite number, got Infinity; store a null where the value is missing.",
            await _import.RefusalAsync(
                Write(
                    (
                        "v",
                        (float[][])
                            [
                                [1, float.PositiveInfinity],
                            ]
                    )
                )
            )
        );
        Assert.Contains(
            "column 'v' expected lists of one length, got 3 values in the 2 rows",
            await _import.RefusalAsync(
                Write(
                    (
                        "v",
                        (float[][])
                            [
                                [1, 2],
                                [3],
                            ]
                    )
                )
            )
        );
        Assert.Equal(
            "t.parquet, row 2, column 'v': expected 2 numbers, as in the first row, got fewer.",
            await _import.RefusalAsync(
                Write(
                    (
                        "v",
                        (float[][])
                            [
                                [1, 2],
                                [3],
                                [4, 5, 6],
                            ]
                    )
                )
            )
        );
        Assert.Equal(
            "t.parquet, row 2, column 'u': expected a whole number below 2^63, got 18446744073709551615.",
            await _import.RefusalAsync(Write(("u", (ulong[])[1, ulong.MaxValue])))
        );
    }

    [Fact]
    public async Task Types_without_a_kind_are_refused_naming_column_and_type()
    {
        Assert.StartsWith(
            "t.parquet: column 'when' has the Parquet type Int64 (Timestamp)",
            await _import.RefusalAsync(Write(("when", new[] { DateTime.UnixEpoch })))
        );
        Assert.StartsWith(
            "t.parquet: column 'l' has the Parquet type nested Int32",
            await _import.RefusalAsync(
                Write(
                    (
                        "l",
                        (int[][])
                            [
                                [1],
                            ]
                    )
                )
            )
        );
    }

    [Fact]
    public async Task A_parquet_file_that_is_cut_off_is_refused()
    {
        var whole = await File.ReadAllBytesAsync(
            Write(("a", (int[])[1, 2, 3])).Path,
            TestContext.Current.CancellationToken
        );
        Assert.StartsWith(
            "cut.parquet: expected a whole Parquet file",
            await _import.RefusalAsync(_import.File("cut.parquet", whole[..^12]))
        );
    }

    private DatasetSourceFile Write(params (string Name, Array Values)[] columns)
    {
        var path = _import.Artifacts.PathOf("t.parquet");
        var schema = columns
            .Select(c => new Column(c.Values.GetType().GetElementType()!, c.Name))
            .ToArray();
        using var writer = new ParquetFileWriter(path, schema);
        using (var group = writer.AppendRowGroup())
            foreach (var (_, values) in columns)
                using (var column = group.NextColumn().LogicalWriter())
                    column.Apply(new ArrayWriter(values));
        writer.Close();
        return new DatasetSourceFile("t.parquet", path);
    }

    private sealed class ArrayWriter(Array values) : ILogicalColumnWriterVisitor<bool>
    {
        public bool OnLogicalColumnWriter<TValue>(LogicalColumnWriter<TValue> columnWriter)
        {
            columnWriter.WriteBatch((TValue[])values);
            return true;
        }
    }
}
