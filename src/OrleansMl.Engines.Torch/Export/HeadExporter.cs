using System.Globalization;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using static OrleansMl.Engines.Torch.Export.GraphWriter;

namespace OrleansMl.Engines.Torch.Export;

/// <summary>Writes the way from a head's logits or value to the outputs that callers read.</summary>
internal sealed class HeadExporter(GraphWriter graph)
{
    /// <summary>Writes the outputs of <paramref name="head"/>, of which the last layer gave <paramref name="x"/>.</summary>
    public void Write(HeadPlan head, string x)
    {
        switch (head.Type)
        {
            case FeatureType.Category:
                graph.Node(
                    "Softmax",
                    [x],
                    [Integer("axis", -1)],
                    PlanSignature.ProbabilitiesOutput(head)
                );
                var best = graph.Node("ArgMax", [x], [Integer("axis", 1), Integer("keepdims", 0)]);
                graph.Node("Gather", [Labels(head), best], [Integer("axis", 0)], head.Name);
                break;
            case FeatureType.Binary:
                var probability = graph.Node(
                    "Sigmoid",
                    [Column(x)],
                    output: PlanSignature.ProbabilityOutput(head)
                );
                graph.Node("Greater", [probability, graph.Floats([], 0.5f)], output: head.Name);
                break;
            case FeatureType.Number:
                var scaled = graph.Node("Mul", [Column(x), graph.Floats([], head.TargetScale)]);
                graph.Node("Add", [scaled, graph.Floats([], head.TargetShift)], output: head.Name);
                break;
            default:
                throw new NotSupportedException($"A head of type {head.Type} has no ONNX form.");
        }
    }

    private string Labels(HeadPlan head) =>
        head.IntegerClasses
            ? graph.Integers([
                .. head.Classes.Select(c => long.Parse(c, CultureInfo.InvariantCulture)),
            ])
            : graph.Texts(head.Classes);

    /// <summary>N×1 → N.</summary>
    private string Column(string x) => graph.Node("Reshape", [x, graph.Integers(-1)]);
}
