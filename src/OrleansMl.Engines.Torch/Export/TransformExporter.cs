using System.Globalization;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Engines.Torch.Export.Ir;
using static OrleansMl.Engines.Torch.Export.GraphWriter;

namespace OrleansMl.Engines.Torch.Export;

/// <summary>Writes the way from a raw feature to its encoder as ONNX operators, so that what serves gets raw features.</summary>
internal sealed class TransformExporter(GraphWriter graph)
{
    /// <summary>The domain of ONNX's classical-ML operators, of which only LabelEncoder is used.</summary>
    public const string MlDomain = "ai.onnx.ml";

    private static readonly AttributeProto ToFloat = Integer(
        "to",
        (long)TensorProto.Types.DataType.Float
    );

    /// <summary>Writes the transform of the graph input <paramref name="x"/>.</summary>
    public string Write(InputTransform transform, string x) =>
        transform switch
        {
            ImageTransform image => Image(image, x),
            NumberTransform number => Number(number, x),
            CategoryTransform category => Category(category, x),
            BinaryTransform => graph.Node("Cast", [x], [ToFloat]),
            VectorTransform vector => Scaled(
                x,
                graph.Floats([1, vector.Length], [.. vector.Shift]),
                graph.Floats([1, vector.Length], [.. vector.Scale])
            ),
            _ => throw new NotSupportedException($"{transform.GetType().Name} has no ONNX form."),
        };

    private string Image(ImageTransform image, string x)
    {
        x = graph.Node(
            "Transpose",
            [graph.Node("Cast", [x], [ToFloat])],
            [IntegerList("perm", 0, 3, 1, 2)]
        );
        x = graph.Node("Div", [x, graph.Floats([], 255)]);
        long[] perChannel = [1, image.Channels, 1, 1];
        return Scaled(
            x,
            graph.Floats(perChannel, [.. image.Mean]),
            graph.Floats(perChannel, [.. image.Deviation])
        );
    }

    private string Number(NumberTransform number, string x)
    {
        var filled = graph.Node(
            "Where",
            [graph.Node("IsNaN", [x]), graph.Floats([], number.Fill), x]
        );
        return Scaled(filled, graph.Floats([], number.Shift), graph.Floats([], number.Scale));
    }

    private string Category(CategoryTransform category, string x)
    {
        var keys = category.FromInteger
            ? IntegerList(
                "keys_int64s",
                category.Values.Select(v => long.Parse(v, CultureInfo.InvariantCulture))
            )
            : TextList("keys_strings", category.Values);
        var positions = IntegerList(
            "values_int64s",
            Enumerable.Range(1, category.Values.Count).Select(i => (long)i)
        );
        var index = graph.Node(
            "LabelEncoder",
            [x],
            [keys, positions, Integer("default_int64", 0)],
            domain: MlDomain
        );
        return graph.Node("Reshape", [index, graph.Integers(-1)]);
    }

    private string Scaled(string x, string shift, string scale) =>
        graph.Node("Div", [graph.Node("Sub", [x, shift]), scale]);
}
