namespace OrleansMl.Contracts.Serving;

/// <summary>
/// Which answers of a model are kept in memory and given again to a call that is the same: same version, inputs and asked outputs.
/// Without this section none is. Only for models whose answer depends on nothing but their inputs.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.CachePolicy")]
public sealed record CachePolicy
{
    /// <summary>Seconds for which an answer is given again, 1 to 604,800.</summary>
    /// <value>The default is 300.</value>
    [Id(0)]
    public int MaxAgeSeconds { get; init; } = 300;

    /// <summary>Bytes of the largest answer that is kept, 1 to 64 MiB: one large answer takes the place of many small ones.</summary>
    /// <value>The default is 1 MiB.</value>
    [Id(1)]
    public int MaxEntryBytes { get; init; } = 1 << 20;
}
