using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving.Repository;

/// <summary>A version's configuration in the protocol's words: full shapes, so that its largest batch is 0, and how calls are run together.</summary>
/// <param name="Version">The version.</param>
/// <param name="Signature">What it takes and gives.</param>
/// <param name="Batching">How calls are run together; null: never.</param>
/// <param name="Sequences">How sequences are kept; null: not at all.</param>
/// <param name="IsCached">Whether answers are kept for equal calls.</param>
internal sealed record ModelConfiguration(
    ModelVersionId Version,
    ModelSignature Signature,
    BatchingPolicy? Batching,
    SequencePolicy? Sequences = null,
    bool IsCached = false
)
{
    public const string Platform = "onnxruntime_onnx";
    public const string Backend = "onnxruntime";

    /// <summary>The parameters that clients may show: how the model's outputs are read.</summary>
    public IReadOnlyDictionary<string, string> Parameters =>
        Signature.ClassLabels.Count > 0
            ? new Dictionary<string, string>
            {
                ["class_labels"] = string.Join('\n', Signature.ClassLabels),
            }
            : new Dictionary<string, string>();

    /// <summary>A datatype as configurations name it.</summary>
    public static string TypeName(string datatype) =>
        datatype == "BYTES" ? "TYPE_STRING" : $"TYPE_{datatype}";

    /// <summary>Puts it together from a route's snapshot.</summary>
    public static ModelConfiguration Of(
        ModelVersionId version,
        ModelSignature signature,
        ServingPolicy policy
    )
    {
        var batching = policy.Batching ?? BatchingPolicy.Default;
        var batchable = signature
            .Inputs.Concat(signature.Outputs)
            .All(tensor => tensor.Shape.Count > 0 && tensor.Shape[0] < 0);
        return new(
            version,
            signature,
            batchable && batching.Enabled ? batching : null,
            policy.Sequences,
            policy.Cache is not null
        );
    }

    /// <summary>The pieces of a sequence's state with the inputs that take them; those that this version lacks are left out.</summary>
    public IEnumerable<(SequenceStateSpec State, TensorSignature Input)> States =>
        from state in Sequences?.States ?? []
        join input in Signature.Inputs on state.Input equals input.Name
        select (state, input);
}
