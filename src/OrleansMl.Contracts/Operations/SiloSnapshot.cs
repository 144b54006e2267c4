namespace OrleansMl.Contracts.Operations;

/// <summary>A silo as operators see it.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.SiloSnapshot")]
public sealed record SiloSnapshot
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Its Orleans address.</summary>
    [Id(1)]
    public required string Address { get; init; }

    /// <summary>Orleans' membership status, for example Active or Dead.</summary>
    [Id(2)]
    public required string Status { get; init; }

    /// <summary><c>gateway</c>, <c>serve</c>, <c>train</c>.</summary>
    [Id(3)]
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Accelerators that its slots have.</summary>
    [Id(4)]
    public IReadOnlyList<string> Accelerators { get; init; } = [];

    /// <summary>Memory of its machine.</summary>
    [Id(5)]
    public long MemoryBytes { get; init; }

    /// <summary>Its labels.</summary>
    [Id(6)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } =
        new Dictionary<string, string>();

    /// <summary>Where its gateway listens, when it has that role.</summary>
    [Id(7)]
    public string? GatewayUrl { get; init; }
}
