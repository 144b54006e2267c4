using OrleansMl.Core.Training.Architectures;
using static OrleansMl.Engines.Torch.Export.GraphWriter;

namespace OrleansMl.Engines.Torch.Export;

/// <summary>Writes layers as ONNX operators, the counterpart of the modules that train them.</summary>
internal sealed class LayerExporter(GraphWriter graph, Func<string, NamedParameter> parameters)
{
    /// <summary>Writes the layers one after the other; <paramref name="prefix"/> begins the names of their parameters.</summary>
    public string Write(IReadOnlyList<Layer> layers, string x, string prefix)
    {
        for (var i = 0; i < layers.Count; i++)
            x = Write(layers[i], x, ParameterNames.Layer(prefix, i));
        return x;
    }

    private string Write(Layer layer, string x, string prefix) =>
        layer switch
        {
            LinearLayer linear => graph.Node(
                "Gemm",
                WithBias(x, prefix, linear.Bias),
                [Integer("transB", 1)]
            ),
            Conv2dLayer convolution => graph.Node(
                "Conv",
                WithBias(x, prefix, convolution.Bias),
                [
                    IntegerList("kernel_shape", convolution.KernelSize, convolution.KernelSize),
                    IntegerList("strides", convolution.Stride, convolution.Stride),
                    IntegerList("pads", Enumerable.Repeat((long)convolution.Padding, 4)),
                ]
            ),
            BatchNorm2dLayer or BatchNorm1dLayer => graph.Node(
                "BatchNormalization",
                [
                    x,
                    Parameter(prefix, ParameterNames.Weight),
                    Parameter(prefix, ParameterNames.Bias),
                    Parameter(prefix, ParameterNames.RunningMean),
                    Parameter(prefix, ParameterNames.RunningVariance),
                ],
                [Real("epsilon", 1e-5f)]
            ),
            LayerNormLayer => graph.Node(
                "LayerNormalization",
                [
                    x,
                    Parameter(prefix, ParameterNames.Weight),
                    Parameter(prefix, ParameterNames.Bias),
                ],
                [Integer("axis", -1), Real("epsilon", 1e-5f)]
            ),
            ActivationLayer activation => Write(activation.Kind, x),
            MaxPool2dLayer pool => graph.Node(
                "MaxPool",
                [x],
                [
                    IntegerList("kernel_shape", pool.KernelSize, pool.KernelSize),
                    IntegerList("strides", pool.Stride, pool.Stride),
                ]
            ),
            GlobalAveragePool2dLayer => Flatten(graph.Node("GlobalAveragePool", [x])),
            FlattenLayer => Flatten(x),
            // Inference keeps every element; training scaled the kept ones up.
            DropoutLayer => x,
            ResidualLayer residual => graph.Node(
                "Add",
                [
                    Write(residual.Body, x, ParameterNames.Body(prefix)),
                    Write(residual.Shortcut, x, ParameterNames.Shortcut(prefix)),
                ]
            ),
            EmbeddingLayer => graph.Node(
                "Gather",
                [Parameter(prefix, ParameterNames.Weight), x],
                [Integer("axis", 0)]
            ),
            OneHotLayer oneHot => graph.Node(
                "OneHot",
                [x, graph.Integers(oneHot.Count), graph.Floats([2], 0, 1)],
                [Integer("axis", -1)]
            ),
            _ => throw new NotSupportedException($"{layer.GetType().Name} has no ONNX form."),
        };

    private string Write(ActivationKind kind, string x) =>
        kind switch
        {
            ActivationKind.Relu => graph.Node("Relu", [x]),
            ActivationKind.Tanh => graph.Node("Tanh", [x]),
            ActivationKind.Sigmoid => graph.Node("Sigmoid", [x]),
            ActivationKind.Silu => graph.Node("Mul", [x, graph.Node("Sigmoid", [x])]),
            ActivationKind.Gelu => Gelu(x),
            _ => throw new NotSupportedException($"The activation {kind} has no ONNX form."),
        };

    /// <summary>x · ½ · (1 + erf(x / √2)): the operator Gelu itself came with opset 20.</summary>
    private string Gelu(string x)
    {
        var erf = graph.Node("Erf", [graph.Node("Mul", [x, graph.Floats([], 1 / MathF.Sqrt(2))])]);
        var twoPhi = graph.Node("Add", [erf, graph.Floats([], 1)]);
        return graph.Node("Mul", [graph.Node("Mul", [x, graph.Floats([], 0.5f)]), twoPhi]);
    }

    private string Flatten(string x) => graph.Node("Flatten", [x], [Integer("axis", 1)]);

    private List<string> WithBias(string x, string prefix, bool bias)
    {
        var inputs = new List<string> { x, Parameter(prefix, ParameterNames.Weight) };
        if (bias)
            inputs.Add(Parameter(prefix, ParameterNames.Bias));
        return inputs;
    }

    private string Parameter(string prefix, string name)
    {
        var parameter = parameters(ParameterNames.Parameter(prefix, name));
        return graph.Weights(parameter.Name, parameter.Shape, parameter.Values.Span);
    }
}
