using System.Runtime.CompilerServices;
using System.Text.Json;
using OrleansMl.Cli.Datasets;
using OrleansMl.Client;
using OrleansMl.Client.Datasets;
using OrleansMl.Client.Serving;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Cli.Serving;

/// <summary>Rows of a dataset on the cluster, read through the gateway; features are the columns of the inputs' names.</summary>
internal sealed class DatasetExamples(
    OrleansMlClient client,
    DatasetReference dataset,
    string split,
    string? target,
    int batchSize
) : IEvaluationSource
{
    public async IAsyncEnumerable<(string Truth, string Predicted)> PredictAsync(
        ModelClient model,
        ModelSignature signature,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var column =
            target
            ?? (signature.Outputs.Count > 0 ? signature.Outputs[0].Name : null)
            ?? throw new InvalidInputException("the model has no output; name --target.");
        var batch = new List<DatasetPreviewRow>();
        await foreach (var row in RowsAsync(cancellationToken))
        {
            batch.Add(row);
            if (batch.Count < batchSize)
                continue;
            foreach (
                var pair in await PredictAsync(model, signature, column, batch, cancellationToken)
            )
                yield return pair;
            batch.Clear();
        }
        if (batch.Count > 0)
            foreach (
                var pair in await PredictAsync(model, signature, column, batch, cancellationToken)
            )
                yield return pair;
    }

    private async IAsyncEnumerable<DatasetPreviewRow> RowsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var offset = 0L;
        var version = dataset.Version;
        while (true)
        {
            var page = await client.Datasets.PreviewAsync(
                dataset.Name,
                version,
                offset,
                DatasetsClient.MaxPreviewRows,
                cancellationToken
            );
            // A version that appears meanwhile must not mix its rows in.
            version = page.Dataset.Version;
            if (page.Rows.Count == 0)
                yield break;
            offset += page.Rows.Count;
            foreach (var row in page.Rows)
                if (row.Split == split)
                    yield return row;
        }
    }

    private static async Task<IEnumerable<(string Truth, string Predicted)>> PredictAsync(
        ModelClient model,
        ModelSignature signature,
        string column,
        List<DatasetPreviewRow> rows,
        CancellationToken cancellationToken
    )
    {
        var response = await model.PredictAsync(
            [.. rows.Select(r => Features(r, signature))],
            cancellationToken
        );
        return rows.Zip(response.Predictions)
            .Select(pair =>
                (
                    Text(pair.First, column),
                    pair.Second.Label
                        ?? throw new InvalidInputException(
                            $"{model.Name} gives no labels: only classifiers can be scored."
                        )
                )
            )
            .ToList();
    }

    public override string ToString() =>
        $"{dataset.Name}{(dataset.Version is { } v ? $"@{v}" : "")}, split {split}";

    private static Dictionary<string, object?> Features(
        DatasetPreviewRow row,
        ModelSignature signature
    ) =>
        signature.Inputs.ToDictionary(
            input => input.Name,
            object? (input) => Value(row, input.Name)
        );

    private static string Text(DatasetPreviewRow row, string column)
    {
        var value = Value(row, column);
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
    }

    private static JsonElement Value(DatasetPreviewRow row, string column) =>
        row.Values.TryGetValue(column, out var value)
            ? value
            : throw new InvalidInputException(
                $"the dataset has no column '{column}', it has {string.Join(", ", row.Values.Keys)}."
            );
}
