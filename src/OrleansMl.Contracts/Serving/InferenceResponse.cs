using System.Text.Json.Serialization;

namespace OrleansMl.Contracts.Serving;

/// <summary>A model version's answer.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.InferenceResponse")]
public sealed record InferenceResponse
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>The version that answered.</summary>
    [Id(1)]
    public required int Version { get; init; }

    /// <summary>The request's.</summary>
    [Id(2)]
    public string? Id { get; init; }

    /// <summary>The outputs.</summary>
    [Id(3)]
    public required IReadOnlyList<InferenceTensor> Outputs { get; init; }

    /// <summary>Whether an earlier, equal call was answered with it.</summary>
    [Id(4)]
    public bool IsCached { get; init; }

    /// <summary>
    /// Whose the outputs' memory is, for who reads them longer than the caller does; null: the garbage collector's. It stays in this
    /// process.
    /// </summary>
    [JsonIgnore]
    [field: NonSerialized]
    public TensorMemory? Memory { get; init; }

    /// <summary>Gives the outputs' memory back; the caller may do so once, when it reads them no more.</summary>
    public void Release() => Memory?.Release();
}
