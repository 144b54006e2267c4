using OrleansMl.Core.Training.Architectures;
using TorchSharp;
using static TorchSharp.torch.nn.functional;

namespace OrleansMl.Engines.Torch.Models;

/// <summary>Makes what runs from the specification that the exporter reads too.</summary>
internal sealed class LayerCompiler(NetworkParameters parameters)
{
    private const double Momentum = 0.1;
    private const double Epsilon = 1e-5;
    private static readonly long[] Spatial = [2, 3];

    /// <summary>A list of layers as one step.</summary>
    public LayerStep Compile(string list, IReadOnlyList<Layer> layers)
    {
        var steps = new List<LayerStep>();
        // Whether nothing but the next layer will read the value before it: then an activation may overwrite it.
        var fresh = false;
        for (var i = 0; i < layers.Count; i++)
        {
            var name = ParameterNames.Layer(list, i);
            if (
                layers[i] is ActivationLayer { Kind: ActivationKind.Relu }
                && i + 1 < layers.Count
                && layers[i + 1] is MaxPool2dLayer pool
            )
            {
                // The maximum and ReLU commute, gradients included; pooling first leaves ReLU a quarter of the work.
                steps.Add(Compile(pool));
                steps.Add(static (x, _) => x.relu_());
                i++;
                continue;
            }
            steps.Add(Compile(name, layers[i], fresh));
            fresh =
                layers[i]
                    is LinearLayer
                        or Conv2dLayer
                        or BatchNorm1dLayer
                        or BatchNorm2dLayer
                        or LayerNormLayer
                        or ResidualLayer
                        or MaxPool2dLayer;
        }
        var all = steps.ToArray();
        return (x, training) =>
        {
            foreach (var step in all)
                x = step(x, training);
            return x;
        };
    }

    private LayerStep Compile(string name, Layer layer, bool fresh)
    {
        switch (layer)
        {
            case LinearLayer:
                var (weight, bias) = Affine(name);
                return (x, _) => linear(x, weight, bias);
            case Conv2dLayer conv:
                var (kernel, shift) = Affine(name);
                long[] stride = [conv.Stride, conv.Stride];
                long[] padding = [conv.Padding, conv.Padding];
                return (x, _) => conv2d(x, kernel, shift, stride, padding);
            case EmbeddingLayer:
                var table = parameters[ParameterNames.Parameter(name, ParameterNames.Weight)];
                return (x, _) => table.index_select(0, x);
            case OneHotLayer oneHot:
                return (x, _) => one_hot(x, oneHot.Count).to(torch.ScalarType.Float32);
            case BatchNorm1dLayer or BatchNorm2dLayer:
                var (scale, offset) = Affine(name);
                var mean = parameters[ParameterNames.Parameter(name, ParameterNames.RunningMean)];
                var variance = parameters[
                    ParameterNames.Parameter(name, ParameterNames.RunningVariance)
                ];
                return (x, training) =>
                    batch_norm(x, mean, variance, scale, offset, training, Momentum, Epsilon);
            case LayerNormLayer norm:
                var (gain, center) = Affine(name);
                long[] normalized = [norm.Features];
                return (x, _) => layer_norm(x, normalized, gain, center, Epsilon);
            case ActivationLayer activation:
                return Compile(activation.Kind, fresh);
            case DropoutLayer drop:
                return (x, training) =>
                    training && drop.Probability > 0 ? dropout(x, drop.Probability, true) : x;
            case FlattenLayer:
                return static (x, _) => x.flatten(1);
            case MaxPool2dLayer pool:
                return Compile(pool);
            case GlobalAveragePool2dLayer:
                return static (x, _) => x.mean(Spatial);
            case ResidualLayer residual:
                var body = Compile(ParameterNames.Body(name), residual.Body);
                var shortcut = Compile(ParameterNames.Shortcut(name), residual.Shortcut);
                return (x, training) => body(x, training) + shortcut(x, training);
            default:
                throw new NotSupportedException($"{layer.GetType().Name} has no module.");
        }
    }

    private static LayerStep Compile(MaxPool2dLayer pool) =>
        (x, _) => max_pool2d(x, pool.KernelSize, pool.Stride);

    private static LayerStep Compile(ActivationKind kind, bool fresh) =>
        kind switch
        {
            ActivationKind.Relu when fresh => static (x, _) => x.relu_(),
            ActivationKind.Relu => static (x, _) => x.relu(),
            ActivationKind.Gelu => static (x, _) => gelu(x),
            ActivationKind.Silu => static (x, _) => silu(x),
            ActivationKind.Tanh => static (x, _) => x.tanh(),
            ActivationKind.Sigmoid => static (x, _) => x.sigmoid(),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown activation"),
        };

    private (torch.Tensor Weight, torch.Tensor? Bias) Affine(string layer) =>
        (
            parameters[ParameterNames.Parameter(layer, ParameterNames.Weight)],
            parameters.Find(ParameterNames.Parameter(layer, ParameterNames.Bias))
        );
}
