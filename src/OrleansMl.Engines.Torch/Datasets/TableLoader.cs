using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>Reads all rows of a dataset version, only the columns that a plan needs, into memory by split.</summary>
internal sealed class TableLoader(IDatasetReader reader, long memoryLimit)
{
    /// <summary>Rows kept raw, to check the exported model with.</summary>
    public const int RawRows = 16;

    private static readonly string[] Splits = ["train", "validation", "test"];

    /// <summary>Reads.</summary>
    /// <param name="plan">Which columns, and what becomes of them.</param>
    /// <param name="dataset">Schema and rows of each split.</param>
    /// <param name="shards">Local paths of its shards, in order.</param>
    /// <param name="stop">Looked at between batches.</param>
    /// <exception cref="InvalidInputException">It doesn't fit the memory limit, a target is missing or unknown, or the shards aren't what the manifest says.</exception>
    public TrainingTables Load(
        ModelPlan plan,
        DatasetManifest dataset,
        IReadOnlyList<string> shards,
        CancellationToken stop
    )
    {
        var rows = Splits
            .Select(split => dataset.Statistics.FirstOrDefault(s => s.Split == split)?.Rows ?? 0)
            .ToArray();
        CheckMemory(plan, dataset, rows);
        var tables = Splits.Select((split, i) => Allocate(plan, split, rows[i])).ToArray();
        var rawSplit = Array.FindLastIndex(rows, r => r > 0);
        var raw = new RawInputRecorder(plan, (int)Math.Min(RawRows, rows[rawSplit]));
        var filler = new TableFiller(plan, dataset.Id, tables);
        var columns = plan
            .Inputs.Select(input => input.Column)
            .Concat(plan.Heads.Select(head => head.Column))
            .ToList();
        foreach (var shard in shards)
        {
            foreach (var batch in reader.ReadShard(shard, dataset.Schema, columns))
            {
                stop.ThrowIfCancellationRequested();
                for (var row = 0; row < batch.Rows; row++)
                {
                    if (batch.Splits[row] == rawSplit && !raw.Full)
                        raw.Add(batch.Columns, row);
                    filler.Add(batch, row);
                }
            }
        }
        filler.CheckComplete();
        return new TrainingTables(
            tables[0],
            tables[1],
            tables[2],
            raw.ToTensors(),
            tables[rawSplit]
        );
    }

    private void CheckMemory(ModelPlan plan, DatasetManifest dataset, long[] rows)
    {
        var rowBytes =
            plan.Inputs.Sum(input =>
                input.Transform switch
                {
                    ImageTransform image => (long)image.Height * image.Width * image.Channels,
                    CategoryTransform => sizeof(int),
                    var dense => (long)sizeof(float) * InputGroup.DenseWidthOf(dense),
                }
            ) + (sizeof(float) * (long)plan.Heads.Count);
        var bytes = rowBytes * rows.Sum();
        if (bytes > memoryLimit)
            throw new InvalidInputException(
                $"Training keeps the dataset in memory: {dataset.Id}'s {rows.Sum():N0} rows take {bytes:N0} bytes with this configuration's columns, and at most {memoryLimit:N0} are allowed here. Use fewer columns, smaller images or fewer rows, or a silo with more memory."
            );
        if (rows.Max() > int.MaxValue)
            throw new InvalidInputException(
                $"{dataset.Id} has a split of {rows.Max():N0} rows; at most {int.MaxValue:N0} can be trained on."
            );
    }

    private static SplitTable Allocate(ModelPlan plan, string split, long rows) =>
        new(
            split,
            (int)rows,
            [.. InputGroup.Of(plan).Select(group => Allocate(group, rows))],
            [
                .. plan.Heads.Select(head =>
                    head.Type switch
                    {
                        FeatureType.Category => (TargetColumn)
                            new TargetColumn.Category(new RowStore<int>(rows, 1)),
                        FeatureType.Binary => new TargetColumn.Binary(new RowStore<float>(rows, 1)),
                        _ => new TargetColumn.Number(new RowStore<float>(rows, 1)),
                    }
                ),
            ]
        );

    private static FeatureColumn Allocate(InputGroup group, long rows) =>
        group.Inputs[0].Transform switch
        {
            ImageTransform image => new FeatureColumn.Image(
                image,
                new RowStore<byte>(rows, image.Height * image.Width * image.Channels)
            ),
            CategoryTransform => new FeatureColumn.Category(new RowStore<int>(rows, 1)),
            _ => new FeatureColumn.Dense(new RowStore<float>(rows, group.DenseWidth)),
        };
}
