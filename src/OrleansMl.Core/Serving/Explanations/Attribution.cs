namespace OrleansMl.Core.Serving.Explanations;

/// <summary>
/// Tells how much each of several players adds to a value: the features of a row, to a model's output. The value of a set of players
/// is asked for in batches; a mask says who is in. Pure: the same values and seed give the same answer.
/// </summary>
public static class Attribution
{
    /// <summary>
    /// What the value loses without each player alone: v(all) − v(all but i). Cheap, n + 2 evaluations; the sum is not v(all) − v(none) where
    /// players act together (Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014).
    /// </summary>
    /// <param name="players">How many, 1 or more.</param>
    /// <param name="values">The values of sets, in their order.</param>
    public static async ValueTask<AttributionResult> OcclusionAsync(
        int players,
        Func<IReadOnlyList<bool[]>, ValueTask<double[]>> values
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(players, 1);
        ArgumentNullException.ThrowIfNull(values);
        var masks = new bool[players + 2][];
        masks[0] = All(players);
        masks[1] = new bool[players];
        for (var i = 0; i < players; i++)
        {
            masks[i + 2] = All(players);
            masks[i + 2][i] = false;
        }
        var v = await values(masks);
        return new(v[0], v[1], [.. v.Skip(2).Select(without => v[0] - without)]);
    }

    /// <summary>
    /// Shapley values by sampled orders: a player's is the mean, over the orders, of what it adds when it joins those before it
    /// (Castro, Gómez and Tejada, Computers and Operations Research 36(5), 2009; Štrumbelj and Kononenko, Knowledge and Information Systems 41(3),
    /// 2014; as an explanation of models, Lundberg and Lee, NIPS 2017). Every second order is the one before it backwards, which cancels
    /// much of the error (Mitchell et al., JMLR 23, 2022). Whatever the number of orders, the values sum to v(all) − v(none), because the gains of each
    /// order do. Costs orders · (players − 1) + 2 evaluations.
    /// </summary>
    /// <param name="players">How many, 1 or more.</param>
    /// <param name="orders">How many orders, 1 or more.</param>
    /// <param name="seed">Of the orders.</param>
    /// <param name="values">The values of sets, in their order.</param>
    public static async ValueTask<AttributionResult> ShapleyAsync(
        int players,
        int orders,
        long seed,
        Func<IReadOnlyList<bool[]>, ValueTask<double[]>> values
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(players, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(orders, 1);
        ArgumentNullException.ThrowIfNull(values);
        var ends = await values([All(players), new bool[players]]);
        var sums = new double[players];
        var random = new PermutationSource(players, seed);
        for (var order = 0; order < orders; order++)
        {
            var permutation = order % 2 == 0 ? random.Next() : random.Reverse();
            var masks = new bool[players - 1][];
            var mask = new bool[players];
            for (var i = 0; i < masks.Length; i++)
            {
                mask[permutation[i]] = true;
                masks[i] = [.. mask];
            }
            var v = masks.Length == 0 ? [] : await values(masks);
            var before = ends[1];
            for (var i = 0; i < players; i++)
            {
                var after = i < v.Length ? v[i] : ends[0];
                sums[permutation[i]] += after - before;
                before = after;
            }
        }
        return new(ends[0], ends[1], [.. sums.Select(sum => sum / orders)]);
    }

    private static bool[] All(int players)
    {
        var mask = new bool[players];
        Array.Fill(mask, true);
        return mask;
    }
}
