using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>Reads the rows of a preview from the shards that hold them, on a thread of its own.</summary>
internal sealed class ShardPreview(ILocalArtifacts artifacts) : IDatasetPreview
{
    private const int MostRows = 100;

    public async Task<DatasetPreview> ReadAsync(
        DatasetManifest manifest,
        long offset,
        int rows,
        CancellationToken cancellationToken
    )
    {
        if (offset < 0)
            throw new InvalidInputException($"offset: expected 0 or more, got {offset}.");
        if (rows is < 1 or > MostRows)
            throw new InvalidInputException($"rows: expected 1 to {MostRows}, got {rows}.");
        var read = new List<DatasetPreviewRow>();
        var before = 0L;
        foreach (var shard in manifest.Shards)
        {
            if (read.Count == rows)
                break;
            var skip = offset + read.Count - before;
            before += shard.Rows;
            if (skip >= shard.Rows)
                continue;
            using var lease = await artifacts.AcquireAsync(shard.Artifact, cancellationToken);
            var path = lease.Path;
            var take = rows - read.Count;
            read.AddRange(
                await Task.Factory.StartNew(
                    () => Read(path, manifest.Schema, skip, take),
                    cancellationToken,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
            );
        }
        return new DatasetPreview
        {
            Dataset = manifest.Id,
            Offset = offset,
            Rows = read,
        };
    }

    private static List<DatasetPreviewRow> Read(
        string path,
        IReadOnlyList<DatasetColumn> schema,
        long skip,
        long take
    )
    {
        var rows = new List<DatasetPreviewRow>();
        foreach (var batch in ShardReader.Read(path, schema, skip, take))
            for (var row = 0; row < batch.Rows; row++)
                rows.Add(
                    new DatasetPreviewRow
                    {
                        Split = DatasetSplits.Names[batch.Splits[row]],
                        Values = schema
                            .Select((c, i) => (c.Name, Value: ValueOf(batch.Columns[i], c, row)))
                            .ToDictionary(v => v.Name, v => v.Value),
                    }
                );
        return rows;
    }

    private static JsonElement ValueOf(ColumnBatch values, DatasetColumn column, int row)
    {
        var width = ShardSchema.Width(column);
        if (values.Missing is { } missing && missing[row])
            return JsonSerializer.SerializeToElement<string?>(null);
        return column.Kind switch
        {
            ColumnKind.Number => JsonSerializer.SerializeToElement<double?>(
                double.IsNaN(values.Numbers![row]) ? null : values.Numbers[row]
            ),
            ColumnKind.Integer => JsonSerializer.SerializeToElement(values.Integers![row]),
            ColumnKind.Boolean => JsonSerializer.SerializeToElement(values.Booleans![row]),
            ColumnKind.Text => JsonSerializer.SerializeToElement(values.Texts![row]),
            ColumnKind.Image => JsonSerializer.SerializeToElement(
                ToNested(values.Pixels.AsSpan(row * width, width), column.Shape)
            ),
            _ => JsonSerializer.SerializeToElement(
                values.Vectors.AsSpan(row * width, width).ToArray()
            ),
        };
    }

    private static int[][][] ToNested(ReadOnlySpan<byte> pixels, IReadOnlyList<int> shape)
    {
        var image = new int[shape[0]][][];
        var at = 0;
        for (var y = 0; y < shape[0]; y++)
        {
            image[y] = new int[shape[1]][];
            for (var x = 0; x < shape[1]; x++)
            {
                image[y][x] = new int[shape[2]];
                for (var c = 0; c < shape[2]; c++)
                    image[y][x][c] = pixels[at++];
            }
        }
        return image;
    }
}
