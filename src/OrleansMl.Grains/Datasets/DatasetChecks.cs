using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Datasets;

/// <summary>What a commit must be.</summary>
internal static class DatasetChecks
{
    private static readonly string[] Splits = ["train", "validation", "test"];

    /// <exception cref="InvalidInputException">Something is wrong; nothing was done.</exception>
    public static void Check(string name, DatasetCommit commit)
    {
        if (!ResourceName.IsValid(name))
            throw new InvalidInputException(
                $"'{name}' is not a dataset name: expected 1 to {ResourceName.MaxLength} characters, lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit."
            );
        CommandIds.Check(commit.CommandId);
        if (commit.Schema.Count == 0)
            throw new InvalidInputException($"dataset '{name}': its schema has no column.");
        HashSet<string> names = [];
        foreach (var column in commit.Schema)
        {
            if (string.IsNullOrEmpty(column.Name) || !names.Add(column.Name))
                throw new InvalidInputException(
                    $"dataset '{name}': column names must be given and differ, got '{column.Name}' twice or empty."
                );
            var rank = column.Kind switch
            {
                ColumnKind.Image => 3,
                ColumnKind.Vector => 1,
                _ => 0,
            };
            if (column.Shape.Count != rank || column.Shape.Any(size => size < 1))
                throw new InvalidInputException(
                    $"dataset '{name}', column '{column.Name}': expected {rank} dimensions of 1 or more for {column.Kind}, got [{string.Join(", ", column.Shape)}]."
                );
        }
        if (commit.NewShards.Count == 0)
            throw new InvalidInputException($"dataset '{name}': the commit brings no shard.");
        foreach (var shard in commit.NewShards)
        {
            if (shard.Rows < 1 || shard.Bytes < 1)
                throw new InvalidInputException(
                    $"dataset '{name}', shard {shard.Artifact}: expected rows and bytes, got {shard.Rows} rows in {shard.Bytes} bytes."
                );
        }
        foreach (var split in commit.Statistics)
        {
            if (!Splits.Contains(split.Split))
                throw new InvalidInputException(
                    $"dataset '{name}': expected statistics of train, validation and test, got '{split.Split}'."
                );
        }
    }

    /// <exception cref="InvalidInputException">The rows of the splits are not those of the shards.</exception>
    public static void CheckRows(DatasetManifest manifest)
    {
        var split = manifest.Statistics.Sum(statistics => statistics.Rows);
        if (split != manifest.Rows)
            throw new InvalidInputException(
                $"dataset '{manifest.Id.Name}': its shards have {manifest.Rows} rows, but the statistics of its splits {split}."
            );
    }

    /// <exception cref="InvalidInputException">The schemas differ.</exception>
    public static void CheckAppend(DatasetManifest parent, DatasetCommit commit)
    {
        if (parent.Schema.Count != commit.Schema.Count)
            throw new InvalidInputException(
                $"dataset {parent.Id} has {parent.Schema.Count} columns, the rows to append have {commit.Schema.Count}."
            );
        for (var i = 0; i < parent.Schema.Count; i++)
        {
            var (was, now) = (parent.Schema[i], commit.Schema[i]);
            if (was.Name != now.Name || was.Kind != now.Kind || !was.Shape.SequenceEqual(now.Shape))
                throw new InvalidInputException(
                    $"dataset {parent.Id}, column {i + 1}: expected {Write(was)}, the rows to append have {Write(now)}."
                );
        }
    }

    /// <exception cref="InvalidInputException">The manifest is too large for a message.</exception>
    public static void CheckSize(DatasetManifest manifest, int maxBytes)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJson.Options).Length;
        if (bytes > maxBytes)
            throw new InvalidInputException(
                $"dataset {manifest.Id}: expected a manifest of at most {maxBytes} bytes as JSON, got {bytes}; import fewer columns, or start the dataset afresh to merge its shards."
            );
    }

    private static string Write(DatasetColumn column) =>
        $"'{column.Name}' ({column.Kind}{(column.Shape.Count == 0 ? "" : $" [{string.Join(", ", column.Shape)}]")})";
}
