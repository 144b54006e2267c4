namespace OrleansMl.Silo.Operations;

/// <summary>Who this silo process is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Incarnation">Grows with each start.</param>
/// <param name="Labels">Its labels.</param>
internal sealed record SiloIdentity(
    string Name,
    long Incarnation,
    IReadOnlyDictionary<string, string> Labels
);
