using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Datasets;
using OrleansMl.Core.Serving.Rows;

namespace OrleansMl.Core.Serving.Jobs;

/// <summary>What scoring a dataset version by a model takes and gives: checked when a job is submitted, and the same when it runs.</summary>
public sealed class JobPlan
{
    private JobPlan(DatasetInputs inputs, OutputColumns outputs, IReadOnlyList<DatasetColumn> kept)
    {
        Inputs = inputs;
        Outputs = outputs;
        Kept = kept;
        Schema = [.. kept, .. outputs.Columns];
        Read = [.. inputs.Columns, .. kept];
    }

    /// <summary>The model's inputs by column.</summary>
    public DatasetInputs Inputs { get; }

    /// <summary>The model's outputs as columns.</summary>
    public OutputColumns Outputs { get; }

    /// <summary>Columns that stand beside the outputs.</summary>
    public IReadOnlyList<DatasetColumn> Kept { get; }

    /// <summary>The columns of the result.</summary>
    public IReadOnlyList<DatasetColumn> Schema { get; }

    /// <summary>The columns to read: the inputs', then those kept.</summary>
    public IReadOnlyList<DatasetColumn> Read { get; }

    /// <summary>Checks that the rows can be scored.</summary>
    /// <exception cref="InvalidInputException">A column or output doesn't fit; the message names it.</exception>
    public static JobPlan Of(
        ModelSignature signature,
        IReadOnlyList<DatasetColumn> schema,
        IReadOnlyList<string> keep,
        string prefix
    )
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(keep);
        List<DatasetColumn> kept =
        [
            .. keep.Select(name =>
                schema.FirstOrDefault(column => column.Name == name)
                ?? throw new InvalidInputException(
                    $"keep: the dataset has no column '{name}'; it has {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}."
                )
            ),
        ];
        var plan = new JobPlan(
            DatasetInputs.Of(signature, schema),
            OutputColumns.Of(signature, prefix),
            kept
        );
        var twice = plan.Schema.GroupBy(column => column.Name).FirstOrDefault(g => g.Count() > 1);
        return twice is null && plan.Schema.All(c => c.Name != DatasetSplits.ColumnName)
            ? plan
            : throw new InvalidInputException(
                $"keep: two columns would have the name '{twice?.Key ?? DatasetSplits.ColumnName}'; give a prefix for the outputs."
            );
    }

    /// <summary>Where the chunks are: shard, first row and rows of it, in the rows' order.</summary>
    public static IEnumerable<(int Shard, long Skip, long Take)> Chunks(
        DatasetManifest manifest,
        int chunkRows
    )
    {
        ArgumentNullException.ThrowIfNull(manifest);
        for (var shard = 0; shard < manifest.Shards.Count; shard++)
        {
            var rows = manifest.Shards[shard].Rows;
            for (long skip = 0; skip < rows; skip += chunkRows)
                yield return (shard, skip, Math.Min(chunkRows, rows - skip));
        }
    }
}
