using Google.Protobuf;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Engines.Torch.Export.Ir;
using DataType = OrleansMl.Engines.Torch.Export.Ir.TensorProto.Types.DataType;

namespace OrleansMl.Engines.Torch.Export;

/// <summary>
/// Writes a trained plan as an ONNX model (IR 8, opset 17) that takes raw features and gives labels and probabilities.
/// The same plan builds the module that was trained.
/// </summary>
internal static class OnnxExporter
{
    /// <summary>Most bytes of parameters in one file: protobuf ends at 2 GiB, and some of it is graph.</summary>
    public const long MaxParameterBytes = 1_900_000_000;

    private const long IrVersion = 8;
    private const long Opset = 17;
    private const long MlOpset = 2;

    /// <summary>Writes the model.</summary>
    /// <param name="plan">What was trained.</param>
    /// <param name="parameters">Every parameter and buffer of it, by name.</param>
    /// <param name="destination">Written once, forwards.</param>
    /// <exception cref="InvalidInputException">The parameters take more than <see cref="MaxParameterBytes"/>.</exception>
    /// <exception cref="ArgumentException">A parameter is missing.</exception>
    public static void Write(
        ModelPlan plan,
        IEnumerable<NamedParameter> parameters,
        Stream destination
    )
    {
        var byName = parameters.ToDictionary(p => p.Name, StringComparer.Ordinal);
        var bytes = byName.Values.Sum(p => (long)p.Values.Length * sizeof(float));
        if (bytes > MaxParameterBytes)
            throw new InvalidInputException(
                $"The model has {bytes:N0} bytes of parameters; one ONNX file holds at most {MaxParameterBytes:N0}. Make its layers smaller."
            );

        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "OrleansMl",
            ProducerVersion = typeof(OnnxExporter).Assembly.GetName().Version?.ToString(3) ?? "",
            Graph = new GraphProto { Name = "orleansml" },
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        if (plan.Inputs.Any(i => i.Transform is CategoryTransform))
            model.OpsetImport.Add(
                new OperatorSetIdProto { Domain = TransformExporter.MlDomain, Version = MlOpset }
            );

        var signature = PlanSignature.Of(plan);
        model.Graph.Input.AddRange(signature.Inputs.Select(ValueInfo));
        model.Graph.Output.AddRange(signature.Outputs.Select(ValueInfo));
        WriteNodes(plan, byName, new GraphWriter(model.Graph));
        model.WriteTo(destination);
    }

    private static void WriteNodes(
        ModelPlan plan,
        Dictionary<string, NamedParameter> byName,
        GraphWriter graph
    )
    {
        var transforms = new TransformExporter(graph);
        var heads = new HeadExporter(graph);
        var layers = new LayerExporter(
            graph,
            name =>
                byName.TryGetValue(name, out var p)
                    ? p
                    : throw new ArgumentException($"No parameter '{name}'.", nameof(byName))
        );

        var encoded = plan
            .Inputs.Select(input =>
                layers.Write(
                    input.Encoder,
                    transforms.Write(input.Transform, input.Name),
                    ParameterNames.Encoder(input.Name)
                )
            )
            .ToList();
        var joined =
            encoded.Count == 1
                ? encoded[0]
                : graph.Node("Concat", encoded, [GraphWriter.Integer("axis", 1)]);
        var combined = layers.Write(plan.Combiner, joined, ParameterNames.Combiner);
        foreach (var head in plan.Heads)
            heads.Write(head, layers.Write(head.Layers, combined, ParameterNames.Head(head.Name)));
    }

    private static ValueInfoProto ValueInfo(TensorSignature tensor)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in tensor.Shape)
            shape.Dim.Add(
                dimension < 0
                    ? new TensorShapeProto.Types.Dimension { DimParam = "N" }
                    : new TensorShapeProto.Types.Dimension { DimValue = dimension }
            );
        return new ValueInfoProto
        {
            Name = tensor.Name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)ElementType(tensor.Datatype),
                    Shape = shape,
                },
            },
        };
    }

    private static DataType ElementType(string datatype) =>
        datatype switch
        {
            "FP32" => DataType.Float,
            "UINT8" => DataType.Uint8,
            "INT64" => DataType.Int64,
            "BOOL" => DataType.Bool,
            "BYTES" => DataType.String,
            _ => throw new NotSupportedException($"The exporter writes no tensors of {datatype}."),
        };
}
