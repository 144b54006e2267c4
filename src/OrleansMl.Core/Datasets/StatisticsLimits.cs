namespace OrleansMl.Core.Datasets;

/// <summary>What statistics may hold, since they ride in a manifest.</summary>
/// <param name="DistinctValues">Distinct values counted a column and split; a column with more is marked truncated.</param>
/// <param name="ValueLength">Characters of a text value that is counted; a column with a longer one is marked truncated.</param>
/// <param name="KeptWhenTruncated">Most frequent values kept of a truncated column.</param>
/// <param name="DistinctValuesInAll">Values kept over all columns and splits; the columns with the most are truncated first.</param>
/// <param name="BytesOfDistinctValues">Bytes of memory, roughly, for counting values of all columns and splits while summing up; a column that finds none left is marked truncated.</param>
public sealed record StatisticsLimits(
    int DistinctValues = 10_000,
    int ValueLength = 256,
    int KeptWhenTruncated = 100,
    int DistinctValuesInAll = 60_000,
    long BytesOfDistinctValues = 64L << 20
);
