using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>A column, its statistics over the training rows, and those over each split.</summary>
internal sealed record PlannedColumn(
    DatasetColumn Column,
    ColumnStatistics Train,
    IReadOnlyList<ColumnStatistics> Splits
)
{
    public string Name => Column.Name;

    public ColumnKind Kind => Column.Kind;

    public long Missing => Splits.Sum(s => s.Missing);

    /// <summary>The value as plans spell it: booleans in lower case, everything else as it is.</summary>
    public string Spell(string value) =>
        Kind is ColumnKind.Boolean ? value.ToLowerInvariant() : value;

    /// <summary>Training rows by value.</summary>
    public IReadOnlyDictionary<string, long> TrainCounts { get; } =
        Train
            .Values.GroupBy(v =>
                Column.Kind is ColumnKind.Boolean ? v.Value.ToLowerInvariant() : v.Value
            )
            .ToDictionary(g => g.Key, g => g.Sum(v => v.Count));
}
