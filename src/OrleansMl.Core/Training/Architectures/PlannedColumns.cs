using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>A dataset's columns as the planner looks at them.</summary>
internal sealed class PlannedColumns(DatasetManifest dataset, ConfigReading reading)
{
    private const string TrainSplit = "train";
    private const string ValidationSplit = "validation";

    public ConfigReading Reading => reading;

    public string Dataset => dataset.Id.ToString();

    public long TrainRows => RowsOf(TrainSplit);

    public long ValidationRows => RowsOf(ValidationSplit);

    /// <summary>The column that a feature names, when it is there and holds what the feature's type needs; else null, reported.</summary>
    public PlannedColumn? Find(string column, FeatureType type, string path)
    {
        var found = dataset.Schema.FirstOrDefault(c => c.Name == column);
        if (found is null)
        {
            reading.ReportKey(
                path,
                "column",
                $"{Dataset} has no column '{column}'{NearestName.Hint(column, [.. dataset.Schema.Select(c => c.Name)])}"
            );
            return null;
        }
        var statistics = dataset
            .Statistics.Select(s =>
                (s.Split, Column: s.Columns.FirstOrDefault(c => c.Column == column))
            )
            .Where(s => s.Column is not null)
            .ToDictionary(s => s.Split, s => s.Column!);
        if (!statistics.TryGetValue(TrainSplit, out var train))
        {
            reading.ReportKey(
                path,
                "column",
                $"{Dataset} has no statistics of the column '{column}' over its training rows; import it again."
            );
            return null;
        }
        var planned = new PlannedColumn(found, train, [.. statistics.Values]);
        if (!Kinds(type).Contains(found.Kind))
        {
            reading.ReportKey(
                path,
                "type",
                $"type {Word(type)} needs a column of {string.Join(" or ", Kinds(type).Select(Describe))}, and '{column}' holds {Describe(found.Kind)}; {Advice(found.Kind)}."
            );
            return null;
        }
        if (train.Count == 0)
        {
            reading.ReportKey(
                path,
                "column",
                $"'{column}' has no value in any of the {TrainRows:N0} training rows; remove the feature."
            );
            return null;
        }
        return planned;
    }

    private long RowsOf(string split) =>
        dataset.Statistics.FirstOrDefault(s => s.Split == split)?.Rows ?? 0;

    private static ColumnKind[] Kinds(FeatureType type) =>
        type switch
        {
            FeatureType.Number => [ColumnKind.Number, ColumnKind.Integer],
            FeatureType.Category => [ColumnKind.Text, ColumnKind.Integer, ColumnKind.Boolean],
            FeatureType.Binary => [ColumnKind.Boolean, ColumnKind.Integer],
            FeatureType.Image => [ColumnKind.Image],
            FeatureType.Vector => [ColumnKind.Vector],
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown feature type"),
        };

    private static string Word(FeatureType type) => type.ToString().ToLowerInvariant();

    private static string Describe(ColumnKind kind) =>
        kind switch
        {
            ColumnKind.Number => "numbers",
            ColumnKind.Integer => "whole numbers",
            ColumnKind.Boolean => "true and false",
            ColumnKind.Text => "text",
            ColumnKind.Image => "images",
            ColumnKind.Vector => "vectors",
            _ => kind.ToString(),
        };

    private static string Advice(ColumnKind kind) =>
        kind switch
        {
            ColumnKind.Number => "use type: number",
            ColumnKind.Integer => "use type: number or type: category",
            ColumnKind.Boolean => "use type: binary or type: category",
            ColumnKind.Text =>
                "use type: category, or import the column with another kind if its text is numbers",
            ColumnKind.Image => "use type: image",
            _ => "use type: vector",
        };
}
