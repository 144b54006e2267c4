using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Tests.Datasets;

public sealed class SplitTests : IDisposable
{
    private readonly Import _import = new();

    public void Dispose() => _import.Dispose();

    [Fact]
    public async Task A_hashed_row_is_in_the_same_split_whatever_stands_around_it()
    {
        var lines = Enumerable.Range(0, 400).Select(i => $"{i},v{i % 50},{i / 8.0}").ToArray();
        var forwards = await SplitsAsync(lines, new SplitPolicy());
        var backwards = await SplitsAsync([.. lines.Reverse().Skip(100)], new SplitPolicy());
        Assert.All(backwards, s => Assert.Equal(forwards[s.Key], s.Value));
        Assert.Equal(3, forwards.Values.Distinct().Count());
        var reseeded = await SplitsAsync(lines, new SplitPolicy { Seed = 43 });
        Assert.Contains(reseeded, s => forwards[s.Key] != s.Value);
    }

    [Theory]
    [InlineData("train,val,TEST,1")]
    [InlineData("training,validation,testing,dev")]
    public async Task A_given_column_splits_and_is_no_column_of_the_dataset(string values)
    {
        var v = values.Split(',');
        var result = await _import.RunAsync(
            Given($"s,x\n{v[0]},1\n{v[1]},2\n{v[2]},3\n{v[3]},4\n", "s")
        );
        Assert.Equal(["x"], result.Schema.Select(c => c.Name));
        Assert.Equal([(byte)0, (byte)1, (byte)2, (byte)1], _import.Rows(result).Select(r => r[^1]));
    }

    [Fact]
    public async Task A_given_split_that_is_none_is_refused_naming_the_row()
    {
        Assert.Equal(
            "Row 2, column 's': expected train, validation or test, got 'holdout'.",
            await _import.RefusalAsync(Given("s,x\ntrain,1\nholdout,2\n", "s"))
        );
        Assert.Equal(
            "Row 1, column 's': expected train, validation or test, got no value.",
            await _import.RefusalAsync(Given("s,x\n,1\nhtrain,2\n", "s"))
        );
        Assert.Equal(
            "splits: there is no column 'q'; expected one of 's', 'x'.",
            await _import.RefusalAsync(Given("s,x\ntrain,1\n", "q"))
        );
        Assert.StartsWith(
            "t.csv: can't tell its split",
            await _import.RefusalAsync(Given("s,x\ntrain,1\n", null))
        );
    }

    [Fact]
    public async Task Given_files_split_by_their_names()
    {
        var result = await _import.RunAsync(
            new DatasetImportRequest
            {
                Name = "d",
                Files =
                [
                    _import.File("churn_train.csv", "x\n1\n"),
                    _import.File("churn-validation.csv", "x\n2\n"),
                    _import.File("test.csv", "x\n3\n"),
                ],
                Splits = new SplitPolicy { Kind = SplitKind.Given },
            }
        );
        Assert.Equal([(byte)0, (byte)1, (byte)2], _import.Rows(result).Select(r => r[^1]));
    }

    [Fact]
    public async Task A_column_of_numbers_cannot_stratify() =>
        Assert.Equal(
            "splits: column 'x' expected the kind Text, Integer or Boolean, got Number.",
            await _import.RefusalAsync(
                new DatasetImportRequest
                {
                    Name = "d",
                    Files = [_import.File("t.csv", "x\n1.5\n")],
                    Splits = new SplitPolicy { Kind = SplitKind.Random, StratifyBy = "x" },
                }
            )
        );

    private DatasetImportRequest Given(string text, string? column) =>
        new()
        {
            Name = "d",
            Files = [_import.File("t.csv", text)],
            Splits = new SplitPolicy { Kind = SplitKind.Given, Column = column },
        };

    private async Task<Dictionary<long, byte>> SplitsAsync(string[] lines, SplitPolicy policy)
    {
        var result = await _import.RunAsync(
            new DatasetImportRequest
            {
                Name = "d",
                Files = [_import.File("t.csv", "id,v,n\n" + string.Join('\n', lines))],
                Splits = policy,
            }
        );
        return _import.Rows(result).ToDictionary(r => (long)r[0]!, r => (byte)r[^1]!);
    }
}
