using OrleansMl.Contracts.Datasets;

namespace OrleansMl.Core.Datasets;

/// <summary>Orders and bounds the counted values of columns.</summary>
internal static class ValueCounts
{
    /// <summary>Most frequent first, ties by value.</summary>
    public static IOrderedEnumerable<ValueCount> Sort(IEnumerable<ValueCount> values) =>
        values.OrderByDescending(v => v.Count).ThenBy(v => v.Value, StringComparer.Ordinal);

    /// <summary>The values of both, bounded and ordered.</summary>
    public static IReadOnlyList<ValueCount> Combine(
        IReadOnlyList<ValueCount> left,
        IReadOnlyList<ValueCount> right
    )
    {
        var counts = left.ToDictionary(v => v.Value, v => v.Count);
        foreach (var value in right)
            counts[value.Value] = counts.GetValueOrDefault(value.Value) + value.Count;
        return [.. Sort(counts.Select(c => new ValueCount { Value = c.Key, Count = c.Value }))];
    }

    /// <summary>Marks a column that has too many values, and keeps only the first of a marked one.</summary>
    public static ColumnStatistics Trim(ColumnStatistics column, StatisticsLimits limits)
    {
        var truncated = column.ValuesTruncated || column.Values.Count > limits.DistinctValues;
        return truncated ? Truncate(column, limits) : column;
    }

    /// <summary>Keeps the whole within its limit: truncates the columns with the most values until it fits.</summary>
    public static IReadOnlyList<SplitStatistics> TrimAll(
        IReadOnlyList<SplitStatistics> splits,
        StatisticsLimits limits
    )
    {
        if (splits.Count == 0)
            return splits;
        var columns = Enumerable.Range(0, splits[0].Columns.Count);
        int ValuesOf(int column) => splits.Sum(s => s.Columns[column].Values.Count);
        var over = columns.Sum(ValuesOf) - limits.DistinctValuesInAll;
        var truncated = new HashSet<int>();
        foreach (var column in columns.OrderByDescending(ValuesOf).ThenBy(c => c))
        {
            var values = ValuesOf(column);
            if (over <= 0 || values <= limits.KeptWhenTruncated * splits.Count)
                break;
            truncated.Add(column);
            over -= values - (limits.KeptWhenTruncated * splits.Count);
        }
        if (truncated.Count == 0)
            return splits;
        return
        [
            .. splits.Select(s =>
                s with
                {
                    Columns =
                    [
                        .. s.Columns.Select(
                            (c, i) => truncated.Contains(i) ? Truncate(c, limits) : c
                        ),
                    ],
                }
            ),
        ];
    }

    private static ColumnStatistics Truncate(ColumnStatistics column, StatisticsLimits limits) =>
        column with
        {
            ValuesTruncated = true,
            Values = [.. column.Values.Take(limits.KeptWhenTruncated)],
        };
}
