using System.Text.Json.Serialization;

namespace OrleansMl.Contracts.Serving;

/// <summary>A request to a model version.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.InferenceRequest")]
public sealed record InferenceRequest
{
    /// <summary>Echoed.</summary>
    [Id(0)]
    public string? Id { get; init; }

    /// <summary>All the model's inputs.</summary>
    [Id(1)]
    public required IReadOnlyList<InferenceTensor> Inputs { get; init; }

    /// <summary>Outputs asked for; none means all.</summary>
    [Id(2)]
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>What is asked beside the tensors.</summary>
    [Id(3)]
    public InferenceParameters Parameters { get; init; } = InferenceParameters.None;

    /// <summary>
    /// Whose the inputs' memory is; null: the garbage collector's. The caller releases it when it has its answer: who reads the inputs
    /// longer, or after the caller may have given up, holds it until then. It stays in this process.
    /// </summary>
    [JsonIgnore]
    [field: NonSerialized]
    public TensorMemory? Memory { get; init; }
}
