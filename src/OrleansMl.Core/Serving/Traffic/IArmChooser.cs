namespace OrleansMl.Core.Serving.Traffic;

/// <summary>Chooses a version for a call. Immutable.</summary>
internal interface IArmChooser
{
    /// <summary>All versions that may be chosen.</summary>
    IReadOnlyList<int> Versions { get; }

    int Choose(string? key, ITrafficRandom random);
}
