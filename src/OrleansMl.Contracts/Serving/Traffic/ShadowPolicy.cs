namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>
/// A version to which a part of the governed calls is sent a second time, after the caller has the answer. The caller never waits for it
/// and never sees what it does; what can't be queued is dropped and counted.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.ShadowPolicy")]
public sealed record ShadowPolicy
{
    /// <summary>A version's number, an alias, or <c>latest</c>.</summary>
    [Id(0)]
    public required string Version { get; init; }

    /// <summary>The part of the calls that is sent to it.</summary>
    /// <value>The default is 1: all; above 0.</value>
    [Id(1)]
    public double Share { get; init; } = 1;
}
