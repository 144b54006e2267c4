using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>Training rows that are false and true, of a column of booleans or of 0 and 1.</summary>
internal sealed record BinaryCounts(long False, long True)
{
    /// <summary>The counts; null when any row of any split is neither, reported.</summary>
    public static BinaryCounts? Of(PlannedColumn column, string path, ConfigReading reading)
    {
        var stranger = column
            .Splits.SelectMany(s => s.Values)
            .Select(v => column.Spell(v.Value))
            .FirstOrDefault(v => v is not ("false" or "true" or "0" or "1"));
        if (stranger is not null || column.Splits.Any(s => s.ValuesTruncated))
        {
            reading.ReportKey(
                path,
                "type",
                $"type binary needs a column of true and false or of 0 and 1, and '{column.Name}' has {(stranger is null ? "many values" : $"the value {stranger}")}; use type: category or type: number."
            );
            return null;
        }
        return new BinaryCounts(Count("false", "0"), Count("true", "1"));

        long Count(string word, string digit) =>
            column.TrainCounts.GetValueOrDefault(word)
            + column.TrainCounts.GetValueOrDefault(digit);
    }
}
