namespace OrleansMl.Contracts.Trust;

/// <summary>The answer to a rotation of the key that signs cluster tokens.</summary>
public sealed record ClusterKeyAnswer
{
    /// <summary>The new key's id.</summary>
    public required string Id { get; init; }

    /// <summary>From when on it signs: until then every silo has read it.</summary>
    public required DateTimeOffset SignsFrom { get; init; }
}
