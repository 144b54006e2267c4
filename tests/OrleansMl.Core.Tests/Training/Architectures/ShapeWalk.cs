using OrleansMl.Core.Training.Architectures;

namespace OrleansMl.Core.Tests.Training.Architectures;

/// <summary>Walks a plan as data would, apart from the planner's own arithmetic, and fails where two layers don't fit.</summary>
internal static class ShapeWalk
{
    public static void Check(ModelPlan plan)
    {
        var width = 0;
        foreach (var input in plan.Inputs)
        {
            int[] shape = input.Transform switch
            {
                ImageTransform image => [image.Channels, image.Height, image.Width],
                VectorTransform vector => [vector.Length],
                CategoryTransform => [],
                _ => [1],
            };
            Assert.Equal([input.Width], Through(input.Encoder, shape));
            width += input.Width;
        }
        Assert.Equal([plan.CombinerWidth], Through(plan.Combiner, [width]));
        foreach (var head in plan.Heads)
        {
            Assert.Equal(
                [Math.Max(1, head.Classes.Count)],
                Through(head.Layers, [plan.CombinerWidth])
            );
        }
    }

    private static int[] Through(IReadOnlyList<Layer> layers, int[] shape) =>
        layers.Aggregate(shape, (s, layer) => Through(layer, s));

    private static int[] Through(Layer layer, int[] shape)
    {
        switch (layer)
        {
            case LinearLayer linear:
                Assert.Equal([linear.Inputs], shape);
                return [linear.Outputs];
            case Conv2dLayer conv:
                Assert.Equal(conv.InputChannels, shape[0]);
                return
                [
                    conv.OutputChannels,
                    Windows(shape[1] + (2 * conv.Padding), conv.KernelSize, conv.Stride),
                    Windows(shape[2] + (2 * conv.Padding), conv.KernelSize, conv.Stride),
                ];
            case MaxPool2dLayer pool:
                return
                [
                    shape[0],
                    Windows(shape[1], pool.KernelSize, pool.Stride),
                    Windows(shape[2], pool.KernelSize, pool.Stride),
                ];
            case ResidualLayer residual:
                var body = Through(residual.Body, shape);
                Assert.Equal(body, Through(residual.Shortcut, shape));
                return body;
            case BatchNorm2dLayer norm:
                Assert.Equal(3, shape.Length);
                Assert.Equal(norm.Channels, shape[0]);
                return shape;
            case BatchNorm1dLayer norm:
                Assert.Equal([norm.Features], shape);
                return shape;
            case LayerNormLayer norm:
                Assert.Equal([norm.Features], shape);
                return shape;
            case FlattenLayer:
                return [shape.Aggregate(1, (product, d) => product * d)];
            case GlobalAveragePool2dLayer:
                Assert.Equal(3, shape.Length);
                return [shape[0]];
            case EmbeddingLayer embedding:
                Assert.Empty(shape);
                return [embedding.Dimension];
            case OneHotLayer oneHot:
                Assert.Empty(shape);
                return [oneHot.Count];
            case ActivationLayer or DropoutLayer:
                return shape;
            default:
                throw new ArgumentException($"unknown layer {layer}", nameof(layer));
        }
    }

    /// <summary>Places of a window, counted one by one.</summary>
    private static int Windows(int side, int kernel, int stride)
    {
        var windows = 0;
        for (var start = 0; start + kernel <= side; start += stride)
            windows++;
        Assert.True(windows > 0);
        return windows;
    }
}
