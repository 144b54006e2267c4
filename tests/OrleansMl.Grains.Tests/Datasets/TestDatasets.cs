using OrleansMl.Contracts.Datasets;
using OrleansMl.Grains.Tests.Serving;

namespace OrleansMl.Grains.Tests.Datasets;

internal static class TestDatasets
{
    public static DatasetCommit Commit(
        string command,
        long rows = 100,
        int? appendTo = null,
        long parentRows = 0
    ) =>
        new()
        {
            CommandId = command,
            AppendTo = appendTo,
            Schema = [new DatasetColumn { Name = "x", Kind = ColumnKind.Number }],
            NewShards =
            [
                new DatasetShard
                {
                    Artifact = TestModels.Artifact($"shard {command}"),
                    Rows = rows,
                    Bytes = rows * 8,
                    SinceVersion = 0,
                },
            ],
            Splits = new SplitPolicy(),
            Statistics =
            [
                new SplitStatistics
                {
                    Split = "train",
                    Rows = rows + parentRows,
                    Columns = [],
                },
            ],
            Source = "a test",
        };
}
