namespace OrleansMl.Contracts.Serving.Events;

/// <summary>An event on its way into a topic.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.EventMessage")]
public sealed record EventMessage
{
    /// <summary>The most characters of an id, a key or a type.</summary>
    public const int MaxTextLength = 200;

    /// <summary>Chosen by the publisher, 1 to 200 characters: the same id in the same topic is the same event, however often it is published.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>Events of one key stay in their order; null: the id decides where it goes.</summary>
    [Id(1)]
    public string? Key { get; init; }

    /// <summary>What kind of event it is, for those who read; empty: none.</summary>
    [Id(2)]
    public string Type { get; init; } = "";

    /// <summary>The payload; UTF-8 JSON where <see cref="IsJson"/> says so.</summary>
    [Id(3)]
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Whether the payload is one JSON value.</summary>
    [Id(4)]
    public bool IsJson { get; init; } = true;
}
