using Microsoft.ML.OnnxRuntime;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Engines.Onnx.Serving;

/// <summary>What a loaded session takes and gives.</summary>
internal static class OnnxSignature
{
    /// <summary>The graph's own signature, in the graph's order.</summary>
    public static ModelSignature Of(InferenceSession session) =>
        new()
        {
            Inputs =
            [
                .. session.InputNames.Select(n => Tensor("input", n, session.InputMetadata[n])),
            ],
            Outputs =
            [
                .. session.OutputNames.Select(n => Tensor("output", n, session.OutputMetadata[n])),
            ],
        };

    /// <summary>Checks that what a version declares is what its graph has.</summary>
    public static void CheckDeclared(ModelSignature declared, ModelSignature graph)
    {
        Check("input", declared.Inputs, graph.Inputs);
        Check("output", declared.Outputs, graph.Outputs);
    }

    /// <summary>Whether a shape is one that the declared dimensions allow.</summary>
    public static bool Fits(IReadOnlyList<long> declared, IReadOnlyList<long> actual) =>
        declared.Count == actual.Count
        && declared.Zip(actual).All(d => d.First < 0 || d.Second < 0 || d.First == d.Second);

    private static TensorSignature Tensor(string what, string name, NodeMetadata metadata)
    {
        if (!metadata.IsTensor)
        {
            throw new InvalidInputException(
                $"the model's {what} '{name}' is a {Describe(metadata.OnnxValueType)}, expected a tensor; export the model with tensors only (for scikit-learn: zipmap=False)."
            );
        }
        var datatype =
            OnnxDatatypes.NameOf(metadata.ElementDataType)
            ?? throw new InvalidInputException(
                $"the model's {what} '{name}' has elements of type {metadata.ElementDataType}, expected one of {OnnxDatatypes.All}; add a Cast to the graph."
            );
        return new TensorSignature
        {
            Name = name,
            Datatype = datatype,
            Shape = [.. metadata.Dimensions.Select(d => d < 0 ? -1L : d)],
        };
    }

    private static string Describe(OnnxValueType type) =>
        type switch
        {
            OnnxValueType.ONNX_TYPE_SEQUENCE => "sequence",
            OnnxValueType.ONNX_TYPE_MAP => "map",
            OnnxValueType.ONNX_TYPE_OPTIONAL => "optional value",
            OnnxValueType.ONNX_TYPE_SPARSETENSOR => "sparse tensor",
            _ => type.ToString(),
        };

    private static void Check(
        string what,
        IReadOnlyList<TensorSignature> declared,
        IReadOnlyList<TensorSignature> graph
    )
    {
        var names = string.Join(", ", graph.Select(t => $"'{t.Name}'"));
        foreach (var tensor in declared)
        {
            var actual =
                graph.FirstOrDefault(t => t.Name == tensor.Name)
                ?? throw new InvalidInputException(
                    $"the signature declares the {what} '{tensor.Name}', which the model lacks; it has {names}."
                );
            if (tensor.Datatype != actual.Datatype || !Fits(tensor.Shape, actual.Shape))
            {
                throw new InvalidInputException(
                    $"the signature declares the {what} {Describe(tensor)}, and the model has {Describe(actual)}."
                );
            }
        }
        // Outputs may be left undeclared; an input can't be left out of a call.
        var missing = graph.FirstOrDefault(t => declared.All(d => d.Name != t.Name));
        if (missing is not null && what == "input")
        {
            throw new InvalidInputException(
                $"the model needs the {what} {Describe(missing)}, which the signature does not declare."
            );
        }
    }

    private static string Describe(TensorSignature tensor) =>
        $"'{tensor.Name}' {tensor.Datatype}[{string.Join(", ", tensor.Shape)}]";
}
