using OrleansMl.Contracts.Models;

namespace OrleansMl.Client.Serving.Typed;

/// <summary>Tensors for messages.</summary>
internal static class ModelText
{
    public static string Of(TensorSignature tensor) =>
        $"{tensor.Name} {tensor.Datatype}[{string.Join(',', tensor.Shape)}]";

    public static string Of(IReadOnlyList<TensorSignature> tensors) =>
        string.Join(", ", tensors.Select(Of));
}
