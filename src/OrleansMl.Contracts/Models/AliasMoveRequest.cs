namespace OrleansMl.Contracts.Models;

/// <summary>The HTTP ask to point an alias at a version.</summary>
public sealed record AliasMoveRequest
{
    /// <summary>The version's number.</summary>
    public required int Version { get; init; }

    /// <summary>When given: moved only if the alias points there now (0: nowhere).</summary>
    public int? Expected { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Chosen by the caller: the same id gets the first answer again.</summary>
    public string? CommandId { get; init; }

    /// <summary>Moved even though a serving silo could not load the version.</summary>
    public bool Force { get; init; }
}
