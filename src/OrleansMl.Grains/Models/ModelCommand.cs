namespace OrleansMl.Grains.Models;

/// <summary>A command that was carried out, with what its first answer is made of.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ModelCommand")]
internal sealed record ModelCommand
{
    [Id(0)]
    public required string CommandId { get; init; }

    /// <summary>A registration's version.</summary>
    [Id(1)]
    public int? Registered { get; init; }

    /// <summary>An alias move: the alias.</summary>
    [Id(2)]
    public string? Alias { get; init; }

    /// <summary>An alias move: where to.</summary>
    [Id(3)]
    public int? Target { get; init; }

    /// <summary>An alias move: all aliases after it.</summary>
    [Id(4)]
    public IReadOnlyDictionary<string, int>? Aliases { get; init; }

    /// <summary>An alias move: moves ever after it.</summary>
    [Id(5)]
    public long Moves { get; init; }

    /// <summary>An alias move: the newest version then.</summary>
    [Id(6)]
    public int LastVersion { get; init; }
}
