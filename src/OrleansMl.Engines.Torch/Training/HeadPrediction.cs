using System.Runtime.InteropServices;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>What a head says of some rows, as the exported graph says it.</summary>
/// <param name="Values">Category: probabilities, rows × classes. Binary: the probability of true. Number: the value in its own unit.</param>
/// <param name="Classes">Category: the class of the largest logit; else empty.</param>
internal sealed record HeadPrediction(float[] Values, int[] Classes)
{
    /// <summary>From a head's output.</summary>
    public static HeadPrediction Of(HeadPlan head, torch.Tensor output)
    {
        using var scope = torch.NewDisposeScope();
        var raw = output.detach();
        switch (head.Type)
        {
            case FeatureType.Category:
                var logits = Floats(raw);
                var classes = new int[raw.shape[0]];
                for (var row = 0; row < classes.Length; row++)
                    classes[row] = Evaluator.IndexOfMax(
                        logits.AsSpan(row * head.Classes.Count, head.Classes.Count)
                    );
                return new HeadPrediction(Floats(raw.softmax(1)), classes);
            case FeatureType.Binary:
                return new HeadPrediction(Floats(raw.sigmoid()), []);
            default:
                return new HeadPrediction(
                    Floats(raw.mul(head.TargetScale).add(head.TargetShift)),
                    []
                );
        }
    }

    private static float[] Floats(torch.Tensor tensor) =>
        MemoryMarshal.Cast<byte, float>(tensor.cpu().contiguous().bytes).ToArray();
}
