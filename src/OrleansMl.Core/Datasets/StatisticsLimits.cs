namespace OrleansMl.Core.Datasets;

/// <summary>What statistics may hold, since they ride in a manifest.</summary>
/// <param name="DistinctValues">Distinct values counted a column and split; a column with more is marked truncated.</param>
/// <param name="ValueLength">Characters of a text value that is counted; a column with a longer one is marked truncated.</param>
/// <param name="KeptWhenTruncated">Most frequent values kept of a truncated column.</param>
/// <param name="DistinctValuesInAll">Values kept over all columns and splits; the columns with the most are truncated first.</param>
/// <param name="BytesOfDistinctValues">Bytes of memory, roughly, for counting values of all columns and splits while summing up; a column that finds none left is marked truncated.</param>
/// <param name="QuantilesInAll">Points of cumulative distributions kept over all columns and splits; where even <see cref="LeastQuantiles"/> a column are too many, the training rows alone have them, else none.</param>
/// <param name="QuantilesPerColumn">Points kept of a column and split, at most.</param>
/// <param name="QuantileMemory">Values held while summing up for all columns and splits, some 24 bytes each.</param>
public sealed record StatisticsLimits(
    int DistinctValues = 10_000,
    int ValueLength = 256,
    int KeptWhenTruncated = 100,
    int DistinctValuesInAll = 60_000,
    long BytesOfDistinctValues = 64L << 20,
    int QuantilesInAll = 6_000,
    int QuantilesPerColumn = 33,
    int QuantileMemory = 500_000
)
{
    /// <summary>Points without which a distribution is not kept.</summary>
    public const int LeastQuantiles = 9;

    /// <summary>Points of a column's cumulative distribution in a split; 0: none.</summary>
    public int QuantilesOf(int columns, int split)
    {
        var everywhere = QuantilesInAll / Math.Max(1, columns * DatasetSplits.Names.Count);
        var each =
            everywhere >= LeastQuantiles || split != DatasetSplits.Train
                ? everywhere
                : QuantilesInAll / Math.Max(1, columns);
        return each < LeastQuantiles ? 0 : Math.Min(each, QuantilesPerColumn);
    }
}
