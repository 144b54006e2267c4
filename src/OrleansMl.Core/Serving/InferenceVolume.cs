using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving;

/// <summary>How much larger a call is than one in which every variable dimension is 1: a batch of 32 has the volume 32.</summary>
public static class InferenceVolume
{
    /// <summary>The largest product of variable dimensions over the inputs, at least 1.</summary>
    public static long Of(ModelSignature signature, IReadOnlyList<InferenceTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(inputs);
        var largest = 1L;
        foreach (var tensor in inputs)
        {
            foreach (var input in signature.Inputs)
            {
                if (input.Name == tensor.Name)
                    largest = Math.Max(largest, VariableElements(input.Shape, tensor.Shape));
            }
        }
        return largest;
    }

    private static long VariableElements(IReadOnlyList<long> declared, IReadOnlyList<long> actual)
    {
        var product = 1L;
        for (var i = 0; i < declared.Count && i < actual.Count; i++)
        {
            if (declared[i] < 0)
                product *= actual[i];
        }
        return product;
    }
}
