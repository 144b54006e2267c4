namespace OrleansMl.Contracts.Models;

/// <summary>The ask to point an alias somewhere.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AliasMove")]
public sealed record AliasMove
{
    /// <summary>Chosen by the caller: the same id gets the first answer again.</summary>
    [Id(0)]
    public required string CommandId { get; init; }

    /// <summary>The alias: a resource name that is not a number.</summary>
    [Id(1)]
    public required string Alias { get; init; }

    /// <summary>The version; null removes the alias.</summary>
    [Id(2)]
    public int? Version { get; init; }

    /// <summary>When given: moved only if the alias points there now (0: nowhere).</summary>
    [Id(3)]
    public int? Expected { get; init; }

    /// <summary>Why.</summary>
    [Id(4)]
    public string Reason { get; init; } = "";

    /// <summary>Who.</summary>
    [Id(5)]
    public string By { get; init; } = "";
}
