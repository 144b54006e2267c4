namespace OrleansMl.Core.Serving.Batching;

/// <summary>One who shares: a <see cref="FairShare{T}"/> keeps its account here.</summary>
/// <param name="owner">Whose it is.</param>
public sealed class FairShareSeat<T>(T owner)
    where T : class
{
    /// <summary>Whose it is.</summary>
    public T Owner { get; } = owner;

    internal static IComparer<FairShareSeat<T>> Order { get; } =
        Comparer<FairShareSeat<T>>.Create(
            (a, b) => a.Served != b.Served ? a.Served.CompareTo(b.Served) : a.Turn.CompareTo(b.Turn)
        );

    internal long Served { get; set; }

    internal long Turn { get; set; }

    internal bool IsWaiting { get; set; }
}
