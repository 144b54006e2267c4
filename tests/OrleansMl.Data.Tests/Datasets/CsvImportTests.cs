using System.Globalization;
using System.Text;
using CsCheck;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Tests.Datasets;

public sealed class CsvImportTests : IDisposable
{
    private readonly Import _import = new();

    public void Dispose() => _import.Dispose();

    [Fact]
    public async Task Kinds_are_inferred_and_missing_values_kept_apart()
    {
        var result = await _import.RunAsync(
            _import.File(
                "t.csv",
                """
                age,income,member,name,code,blank
                41,1e3,true,"Ann ""A"", first",007,
                NA,2.5,FALSE,?,012,
                -7,null,,"two
                lines",1,

                +3, 4 ,True,ü,2,
                """
            )
        );
        Assert.Equal(
            [
                ("age", ColumnKind.Integer, true),
                ("income", ColumnKind.Number, true),
                ("member", ColumnKind.Boolean, true),
                ("name", ColumnKind.Text, true),
                ("code", ColumnKind.Text, false),
                ("blank", ColumnKind.Text, true),
            ],
            result.Schema.Select(c => (c.Name, c.Kind, c.Nullable))
        );
        Assert.Equal(
            [
                [41L, 1000.0, true, "Ann \"A\", first", "007", null],
                [null, 2.5, false, null, "012", null],
                [-7L, null, null, "two\nlines", "1", null],
                [3L, 4.0, true, "ü", "2", null],
            ],
            _import.Rows(result).Select(r => r[..^1])
        );
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    public async Task The_delimiter_is_found(char delimiter)
    {
        var text = "a|b|c\n\"x;,\ty;,\tz\"|1|2\nq|3|4\n".Replace('|', delimiter);
        var result = await _import.RunAsync(_import.File("t.csv", text));
        Assert.Equal(["a", "b", "c"], result.Schema.Select(c => c.Name));
        Assert.Equal("x;,\ty;,\tz", _import.Rows(result)[0][0]);
    }

    [Fact]
    public async Task A_byte_order_mark_gzip_and_carriage_returns_are_no_part_of_the_data()
    {
        byte[] text = [0xEF, 0xBB, 0xBF, .. "a,b\r\n1,x\r\n2,y\r\n"u8];
        var result = await _import.RunAsync(_import.File("t.csv.gz", Import.Gzip(text)));
        Assert.Equal(["a", "b"], result.Schema.Select(c => c.Name));
        Assert.Equal(
            [
                [1L, "x"],
                [2L, "y"],
            ],
            _import.Rows(result).Select(r => r[..^1])
        );
    }

    [Fact]
    public async Task Several_files_are_one_table_whatever_the_order_of_their_columns()
    {
        var result = await _import.RunAsync(
            _import.File("1.csv", "a,b\n1,x\n"),
            _import.File("2.csv", "b,a\ny,2\n")
        );
        Assert.Equal(
            [
                [1L, "x"],
                [2L, "y"],
            ],
            _import.Rows(result).Select(r => r[..^1])
        );
        Assert.Equal(
            ColumnKind.Integer,
            (await _import.RunAsync(_import.File("1.csv", "a\n"), _import.File("2.csv", "a\n1\n")))
                .Schema[0]
                .Kind
        );
        Assert.Contains(
            "2.csv: lacks the column 'b' of 1.csv",
            await _import.RefusalAsync(
                _import.File("1.csv", "a,b\n1,x\n"),
                _import.File("2.csv", "a\n2\n")
            )
        );
        Assert.Contains(
            "2.csv: has a column 'c' that 1.csv lacks",
            await _import.RefusalAsync(
                _import.File("1.csv", "a\n1\n"),
                _import.File("2.csv", "a,c\n2,2\n")
            )
        );
    }

    [Theory]
    [InlineData("a,b\n1,2\n3\n", "t.csv, line 3: expected 2 fields as in the header, got 1.")]
    [InlineData(
        "a,b\n\"1\n1\",2\n3,4,5\n",
        "t.csv, line 4: expected 2 fields as in the header, got 3."
    )]
    [InlineData(
        "a,b,a\n1,2,3\n",
        "t.csv, line 1: expected different names in the header, got 'a' for the columns 1 and 3."
    )]
    [InlineData(
        "a,,c\n1,2,3\n",
        "t.csv, line 1: expected a name for column 2 in the header, got none."
    )]
    [InlineData("", "t.csv: expected a first line with the columns' names, got an empty file.")]
    [InlineData("\n\n", "t.csv: expected a first line with the columns' names, got an empty file.")]
    [InlineData("a,b\n", "Dataset 'd': expected at least one row, got none in t.csv.")]
    [InlineData(
        "a,b\n1,NaN\n2,1\n",
        "t.csv, line 2, column 'b': expected a finite number, got 'NaN'; leave the field empty where the value is missing."
    )]
    [InlineData(
        "a,b\n1,2.5\n2,-inf\n",
        "t.csv, line 3, column 'b': expected a finite number, got '-inf'; leave the field empty where the value is missing."
    )]
    [InlineData(
        "a,b\n1,2.5\n2,1e999\n",
        "t.csv, line 3, column 'b': expected a finite number, got '1e999'; leave the field empty where the value is missing."
    )]
    [InlineData(
        "__split,b\n1,2\n",
        "Dataset 'd': a column can't be named '__split', which shards use themselves; rename it."
    )]
    public async Task Malformed_csv_is_refused_naming_the_place(string text, string expected) =>
        Assert.Equal(expected, await _import.RefusalAsync(_import.File("t.csv", text)));

    [Theory]
    [InlineData("a,b\n1,\"x\n2,y\n")]
    [InlineData("a,b\n1,\"x\"y\n2,y\n")]
    public async Task A_quote_that_is_not_closed_is_refused(string text) =>
        Assert.StartsWith(
            "t.csv, line 2: expected a delimiter or the line's end after a closing quote",
            await _import.RefusalAsync(_import.File("t.csv", text))
        );

    [Fact]
    public async Task A_record_or_text_over_its_limit_is_refused()
    {
        _import.Options.MaxRecordLength = 2000;
        Assert.StartsWith(
            "t.csv, line 2: expected a record of at most 2000 characters (Data:MaxRecordLength)",
            await _import.RefusalAsync(_import.File("t.csv", $"a\n\"{new string('x', 3000)}\n"))
        );
        _import.Options.MaxTextLength = 10;
        Assert.Equal(
            "t.csv, line 2, column 'a': expected at most 10 characters (Data:MaxTextLength), got 11.",
            await _import.RefusalAsync(_import.File("t.csv", $"a\n{new string('x', 11)}\n"))
        );
        _import.Options.MaxColumns = 1;
        Assert.Contains(
            "expected at most 1 columns (Data:MaxColumns), got 2",
            await _import.RefusalAsync(_import.File("t.csv", "a,b\n1,2\n"))
        );
    }

    [Fact]
    public async Task A_column_that_changes_type_after_inference_is_refused_with_the_remedy()
    {
        _import.Options.InferenceRows = 2;
        var file = _import.File("t.csv", "a,b\n1,true\n2,false\n2.5,true\n");
        Assert.Equal(
            "t.csv, line 4, column 'a': expected Integer, as inferred from the first 2 rows, got '2.5'; mend the value, or set the column's kind to Number.",
            await _import.RefusalAsync(file)
        );
        var text = _import.File("t.csv", "a\n1\n2\nx\n");
        Assert.Contains("set the column's kind to Text", await _import.RefusalAsync(text));

        var result = await _import.RunAsync(
            new DatasetImportRequest
            {
                Name = "d",
                Files = [_import.File("t.csv", "a,b\n1,true\n2,false\n2.5,true\n")],
                ColumnKinds = new Dictionary<string, ColumnKind> { ["a"] = ColumnKind.Number },
            }
        );
        Assert.Equal([1.0, 2.0, 2.5], _import.Rows(result).Select(r => r[0]));
    }

    [Fact]
    public async Task Kinds_that_cannot_be_are_refused()
    {
        Task<string> RefusalAsync(string column, ColumnKind kind) =>
            _import.RefusalAsync(
                new DatasetImportRequest
                {
                    Name = "d",
                    Files = [_import.File("t.csv", "a\nx\n")],
                    ColumnKinds = new Dictionary<string, ColumnKind> { [column] = kind },
                }
            );
        Assert.Equal(
            "t.csv: has no column 'q' whose kind could be set; it has 'a'.",
            await RefusalAsync("q", ColumnKind.Text)
        );
        Assert.Contains("got Image", await RefusalAsync("a", ColumnKind.Image));
        Assert.Equal(
            "t.csv, line 2, column 'a': expected Integer, as its kind was set, got 'x'; mend the value, or set the column's kind to Text.",
            await RefusalAsync("a", ColumnKind.Integer)
        );
    }

    [Fact]
    public async Task Other_encodings_are_refused_with_the_place()
    {
        byte[] latin = [.. "a\nAnn\nJos"u8, 0xE9, .. "\nEve\n"u8];
        Assert.Equal(
            "t.csv: expected text in UTF-8, got the byte 0xE9, which is not UTF-8 there, at byte 9 (line 3); save the file as UTF-8.",
            await _import.RefusalAsync(_import.File("t.csv", latin))
        );
        byte[] cut = [.. "a\nJos"u8, 0xC3];
        Assert.Contains(
            "got the byte 0xC3, which is not UTF-8 there, at byte 5 (line 2)",
            await _import.RefusalAsync(_import.File("t.csv", cut))
        );
        var utf16 = Encoding
            .Unicode.GetPreamble()
            .Concat(Encoding.Unicode.GetBytes("a\n1\n"))
            .ToArray();
        Assert.Contains(
            "byte-order mark of UTF-16",
            await _import.RefusalAsync(_import.File("t.csv", utf16))
        );
        Assert.Contains(
            "a zero byte, at byte 1 (line 1)",
            await _import.RefusalAsync(_import.File("t.csv", Encoding.Unicode.GetBytes("a\n1\n")))
        );
    }

    [Fact]
    public async Task Characters_on_either_side_of_a_buffer_come_through_whole()
    {
        // Four-byte characters at every offset around the reader's buffer of 64 KiB.
        for (var pad = 0; pad < 5; pad++)
        {
            var value = new string('x', 60_000 + pad);
            var tail = string.Concat(Enumerable.Repeat("😀ü", 3_000));
            var result = await _import.RunAsync(_import.File("t.csv", $"a\n{value}\n{tail}\n"));
            Assert.Equal([value, tail], _import.Rows(result).Select(r => r[0]));
        }
    }

    [Fact]
    public async Task Gzip_that_is_cut_off_is_refused()
    {
        var packed = Import.Gzip(
            Encoding.UTF8.GetBytes(
                "a\n" + string.Concat(Enumerable.Range(0, 9000).Select(i => $"{i}\n"))
            )
        );
        Assert.StartsWith(
            "t.csv.gz: expected a whole gzip file",
            await _import.RefusalAsync(_import.File("t.csv.gz", packed[..^20]))
        );
    }

    [Fact]
    public async Task A_file_that_is_not_there_and_an_unknown_format_are_refused()
    {
        Assert.StartsWith(
            "gone.csv: expected a readable file, got none.",
            await _import.RefusalAsync(new DatasetSourceFile("gone.csv", "/nowhere/gone.csv"))
        );
        Assert.Equal(
            "Dataset 'd': expected the format idx, csv or parquet, got 'xls'.",
            await _import.RefusalAsync(
                new DatasetImportRequest
                {
                    Name = "d",
                    Format = "xls",
                    Files = [_import.File("t", "a")],
                }
            )
        );
        Assert.Equal(
            "Dataset 'd': expected at least one file to import, got none.",
            await _import.RefusalAsync()
        );
        Assert.Contains(
            "import files of one format at a time",
            await _import.RefusalAsync(
                _import.File("i", Idx.Images(1)),
                _import.File("t", "a\n1\n")
            )
        );
    }

    [Fact]
    public async Task Rows_come_in_bounded_shards_in_their_order()
    {
        _import.Options.MaxRowsPerBatch = 7;
        _import.Options.MaxRowsPerShard = 20;
        var text = "a\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"{i}\n"));
        var result = await _import.RunAsync(_import.File("t.csv", text));
        Assert.Equal([14, 14, 14, 14, 14, 14, 16], result.Shards.Select(s => (int)s.Rows));
        Assert.Equal(
            Enumerable.Range(0, 100).Select(i => (object)(long)i),
            _import.Rows(result).Select(r => r[0]!)
        );
    }

    [Fact]
    public void Any_table_written_as_csv_comes_back_equal()
    {
        var text = Gen.String[
                Gen.OneOf(
                    Gen.Char['a', 'z'],
                    Gen.Const('"'),
                    Gen.Const(','),
                    Gen.Const('\n'),
                    Gen.Const('é'),
                    Gen.Const(' ')
                ),
                1,
                8
            ]
            .Where(s => s.Trim().Length > 0 && s.Trim() is not ("NA" or "?" or "null"));
        var row = Gen.Select(
            Gen.Long.Nullable(),
            Gen.Double[-1e12, 1e12].Nullable(),
            Gen.Bool.Nullable(),
            text.Null()
        );
        row.Array[1, 60]
            .Sample(
                rows =>
                {
                    // A letter, fraction and truth value first pin the kinds whatever else the table holds.
                    (long?, double?, bool?, string?)[] table = [(1, 0.5, true, "letters"), .. rows];
                    var csv = new StringBuilder("i,n,b,t\n");
                    foreach (var (i, n, b, t) in table)
                        csv.Append(
                            CultureInfo.InvariantCulture,
                            $"{i},{n:R},{b},{(t is null ? "" : $"\"{t.Replace("\"", "\"\"")}\"")}\n"
                        );
                    using var import = new Import();
                    import.Options.MaxRowsPerBatch = 9;
                    import.Options.MaxRowsPerShard = 20;
                    var result = import
                        .RunAsync(import.File("t.csv", csv.ToString()))
                        .GetAwaiter()
                        .GetResult();
                    Assert.Equal(
                        table.Select(r => new object?[] { r.Item1, r.Item2, r.Item3, r.Item4 }),
                        import.Rows(result).Select(r => r[..^1])
                    );
                },
                iter: 60
            );
    }
}
