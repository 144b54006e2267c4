using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>Makes parts of copied calls versions of data sets: one shard a part, appended to the newest version where its columns are the same and it has room, else begun afresh.</summary>
internal sealed partial class PayloadCommits(
    IGrainFactory grains,
    ILogger<PayloadCommits> logger,
    IDatasetShardWriter? writer = null
)
{
    // A manifest names every shard of its version, and rides in messages.
    private const int MaxShards = 1_000;

    // Other silos append to the same data set; each try reads what is there now.
    private const int Tries = 5;

    // Deleting is many small writes; what is left goes with the next part.
    private const int DeletionsPerPart = 10;

    public async Task WriteAsync(PayloadPart part, CancellationToken cancellationToken)
    {
        if (writer is null)
            throw new InvalidInputException("This process writes no shards.");
        var written = await writer.WriteAsync(
            part.Table.Schema,
            part.Table.ToBatch(),
            cancellationToken
        );
        var dataset = grains.GetGrain<IDatasetGrain>(part.Dataset);
        for (var attempt = 1; ; attempt++)
        {
            var there = await dataset.GetAsync(cancellationToken);
            await PruneAsync(dataset, there, part, cancellationToken);
            try
            {
                await dataset.CommitAsync(Commit(part, written, there?.Latest), cancellationToken);
                return;
            }
            catch (ConflictException) when (attempt < Tries)
            {
                // Another silo was first.
            }
        }
    }

    private static DatasetCommit Commit(
        PayloadPart part,
        WrittenShard written,
        DatasetManifest? latest
    )
    {
        var parent =
            latest is not null
            && latest.Rows + written.Shard.Rows <= part.Policy.MaxRows
            && latest.Shards.Count < MaxShards
            && SameColumns(latest.Schema, written.Schema)
                ? latest
                : null;
        return new DatasetCommit
        {
            // The rows name their calls, so that no two parts have the same bytes.
            CommandId = $"payloads/{written.Shard.Artifact.Hex}",
            AppendTo = parent?.Id.Version,
            Schema = parent is null
                ? written.Schema
                : DatasetSchemas.Append(parent, written.Schema),
            NewShards = [written.Shard],
            Splits = new SplitPolicy(),
            Statistics = parent is null
                ? written.Statistics
                : DatasetStatistics.Combine(
                    parent.Statistics,
                    written.Statistics,
                    new StatisticsLimits()
                ),
            Source = $"calls of model {part.Model}",
        };
    }

    private static bool SameColumns(
        IReadOnlyList<DatasetColumn> a,
        IReadOnlyList<DatasetColumn> b
    ) =>
        a.Count == b.Count
        && a.Zip(b)
            .All(pair =>
                pair.First.Name == pair.Second.Name
                && pair.First.Kind == pair.Second.Kind
                && pair.First.Shape.SequenceEqual(pair.Second.Shape)
            );

    /// <summary>Deletes the oldest versions beyond those that are kept; the newest has their rows.</summary>
    private async Task PruneAsync(
        IDatasetGrain dataset,
        DatasetSnapshot? there,
        PayloadPart part,
        CancellationToken cancellationToken
    )
    {
        if (there is null)
            return;
        var held = there.Holds.Select(hold => hold.Version).ToHashSet();
        var old = there
            .Versions.SkipLast(part.Policy.KeptVersions)
            .Where(version => !held.Contains(version))
            .Take(DeletionsPerPart);
        foreach (var version in old)
        {
            try
            {
                await dataset.DeleteAsync(version, cancellationToken);
            }
            catch (Exception error) when (error is ConflictException or NotFoundException)
            {
                // A run began to need it, or another silo was first.
                LogKept(error, part.Dataset, version);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Debug,
        Message = "Version {Version} of data set {Dataset} was not deleted."
    )]
    private partial void LogKept(Exception error, string dataset, int version);
}
