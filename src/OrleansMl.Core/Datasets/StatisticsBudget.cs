namespace OrleansMl.Core.Datasets;

/// <summary>Memory that the columns of one import share for counting distinct values.</summary>
internal sealed class StatisticsBudget(long bytes)
{
    // An entry of a dictionary, an object's header and its length, rounded up.
    private const int EntryBytes = 64;

    private long _left = bytes;

    public bool TryTake(int characters)
    {
        var needed = EntryBytes + (2L * characters);
        if (needed > _left)
            return false;
        _left -= needed;
        return true;
    }
}
