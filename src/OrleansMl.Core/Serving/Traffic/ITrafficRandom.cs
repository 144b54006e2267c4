namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Where traffic takes its chances from. Thread-safe.</summary>
public interface ITrafficRandom
{
    /// <summary>64 evenly distributed bits.</summary>
    ulong NextBits();
}
