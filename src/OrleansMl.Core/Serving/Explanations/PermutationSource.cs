using OrleansMl.Core.Datasets;

namespace OrleansMl.Core.Serving.Explanations;

/// <summary>Orders of players, by a seed.</summary>
internal sealed class PermutationSource
{
    private readonly int[] _order;
    private ulong _state;

    public PermutationSource(int players, long seed)
    {
        _order = [.. Enumerable.Range(0, players)];
        _state = SplitAssigner.Mix((ulong)seed);
    }

    /// <summary>The next order; the array is used again.</summary>
    public int[] Next()
    {
        // Fisher and Yates; the bias of the remainder is below 2^-53 for so few players.
        for (var i = _order.Length - 1; i > 0; i--)
        {
            _state = SplitAssigner.Mix(_state);
            var j = (int)(_state % (ulong)(i + 1));
            (_order[i], _order[j]) = (_order[j], _order[i]);
        }
        return _order;
    }

    /// <summary>The last order backwards.</summary>
    public int[] Reverse()
    {
        Array.Reverse(_order);
        return _order;
    }
}
