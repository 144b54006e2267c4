using System.Runtime.InteropServices;
using OrleansMl.Core.Training.Architectures;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Models;

/// <summary>One array of a network's state.</summary>
/// <param name="Spec">Its name and shape.</param>
/// <param name="Tensor">Contiguous; a leaf that takes gradients when it is trained.</param>
internal sealed record NetworkParameter(ParameterSpec Spec, torch.Tensor Tensor)
{
    /// <summary>A copy of its values, row-major.</summary>
    public float[] ToArray()
    {
        using var scope = torch.NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(Tensor.detach().cpu().bytes).ToArray();
    }

    /// <summary>Overwrites its values.</summary>
    public void Set(ReadOnlySpan<float> values)
    {
        if (values.Length != Spec.Elements)
            throw new ArgumentException(
                $"'{Spec.Name}' has {Spec.Elements} elements, got {values.Length}.",
                nameof(values)
            );
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var source = torch.empty([.. Spec.Shape]);
        values.CopyTo(MemoryMarshal.Cast<byte, float>(source.bytes));
        Tensor.copy_(source);
    }
}
