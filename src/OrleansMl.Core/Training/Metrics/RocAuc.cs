namespace OrleansMl.Core.Training.Metrics;

/// <summary>Area under the receiver operating characteristic: the chance that a positive row scores above a negative one, ties counting half.</summary>
public static class RocAuc
{
    /// <summary>The area, exact, by ranks (Mann and Whitney 1947); null when all rows are of one class or a score is not a number. Both spans are sorted in place.</summary>
    /// <param name="scores">A score a row.</param>
    /// <param name="positives">Whether the row is positive.</param>
    public static double? Compute(Span<float> scores, Span<bool> positives)
    {
        if (scores.Length != positives.Length)
        {
            throw new ArgumentException(
                $"expected as many flags as scores, got {positives.Length} and {scores.Length}.",
                nameof(positives)
            );
        }
        MemoryExtensions.Sort(scores, positives);
        long positive = 0;
        foreach (var flag in positives)
            positive += flag ? 1 : 0;
        var negative = scores.Length - positive;
        if (positive == 0 || negative == 0)
            return null;

        // Twice the count of (positive, negative) pairs in order, a tie counting one: whole numbers, so exact.
        Int128 pairs = 0;
        long negativesBelow = 0;
        for (var start = 0; start < scores.Length; )
        {
            if (float.IsNaN(scores[start]))
                return null;
            var end = start;
            long tiedPositives = 0;
            while (end < scores.Length && scores[end] == scores[start])
                tiedPositives += positives[end++] ? 1 : 0;
            var tiedNegatives = end - start - tiedPositives;
            pairs += (Int128)tiedPositives * ((2 * negativesBelow) + tiedNegatives);
            negativesBelow += tiedNegatives;
            start = end;
        }
        return (double)pairs / (2.0 * positive * negative);
    }
}
