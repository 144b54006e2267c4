using System.Text.Json;
using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Cli.Datasets;

/// <summary>Datasets as text.</summary>
internal static class DatasetText
{
    private const int CellLength = 40;

    public static void Show(CliSession session, DatasetManifest manifest)
    {
        session.Line(
            $"{manifest.Id}: {TextFormat.Count(manifest.Rows)} rows, {TextFormat.Bytes(manifest.Bytes)} in {manifest.Shards.Count} shards"
        );
        if (manifest.Parent is { } parent)
            session.Line($"appended to {manifest.Id.Name}@{parent}");
        session.Line($"made {TextFormat.Time(manifest.CreatedAt)} of {manifest.Source}");
        session.Line(
            $"splits: {string.Join(", ", manifest.Statistics.Select(s => $"{s.Split} {TextFormat.Count(s.Rows)}"))} ({manifest.Splits.Kind.ToString().ToLowerInvariant()}, seed {manifest.Splits.Seed})"
        );
        var reference = manifest.Statistics.Count > 0 ? manifest.Statistics[0] : null;
        session.Table(
            ["column", "kind", "shape", "missing", "min", "max", "mean", "deviation", "values"],
            manifest.Schema.Select(
                IReadOnlyList<string> (column) =>
                {
                    var statistics = reference?.Columns.FirstOrDefault(c =>
                        c.Column == column.Name
                    );
                    return
                    [
                        column.Name,
                        column.Kind.ToString().ToLowerInvariant(),
                        string.Join('×', column.Shape),
                        $"{statistics?.Missing}",
                        Number(statistics?.Minimum),
                        Number(statistics?.Maximum),
                        Number(statistics?.Mean),
                        Number(statistics?.StandardDeviation),
                        Values(statistics),
                    ];
                }
            )
        );
        if (reference is not null)
            session.Line($"statistics of the split {reference.Split}");
    }

    public static void Rows(CliSession session, DatasetPreview preview)
    {
        var columns = preview.Rows.SelectMany(r => r.Values.Keys).Distinct().ToList();
        session.Table(
            ["split", .. columns],
            preview.Rows.Select(
                IReadOnlyList<string> (row) =>
                    [
                        row.Split,
                        .. columns.Select(c =>
                            row.Values.TryGetValue(c, out var value) ? Cell(value) : ""
                        ),
                    ]
            )
        );
    }

    private static string Cell(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.String => value.GetString()!,
            _ => value.GetRawText(),
        };
        return text.Length <= CellLength ? text : $"{text[..CellLength]}…";
    }

    private static string Values(ColumnStatistics? statistics)
    {
        if (statistics is not { Values.Count: > 0 })
            return "";
        var shown = statistics.Values.Take(4).Select(v => $"{v.Value} ({v.Count})");
        var more = statistics.Values.Count > 4 || statistics.ValuesTruncated ? ", …" : "";
        return $"{string.Join(", ", shown)}{more}";
    }

    private static string Number(double? value) => value is { } v ? TextFormat.Number(v) : "";
}
