namespace OrleansMl.Core.Training.Schedules;

/// <summary>The order of the training rows in an epoch: a pure function of the seed and the epoch, so that a resumed run needs only its position.</summary>
public static class EpochOrder
{
    /// <summary>Writes a random permutation of 0 to <c>order.Length − 1</c> (Fisher and Yates).</summary>
    /// <param name="seed">The run's.</param>
    /// <param name="epoch">From 1.</param>
    /// <param name="order">Overwritten.</param>
    public static void Write(long seed, int epoch, Span<int> order)
    {
        var random = SplitMix64.For(seed, RandomPurpose.Order, epoch);
        for (var i = 0; i < order.Length; i++)
        {
            var other = (int)random.NextBelow(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
    }
}
