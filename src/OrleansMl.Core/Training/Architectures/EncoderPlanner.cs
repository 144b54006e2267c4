using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>Resolves encoders to layers.</summary>
internal static class EncoderPlanner
{
    private const int MinimumEmbedding = 2;
    private const int MaximumEmbedding = 64;

    /// <summary>Over one number, a flag or a vector.</summary>
    public static LayerStack Dense(
        EncoderConfig encoder,
        int width,
        string path,
        ConfigReading reading
    )
    {
        var stack = new LayerStack(width, path, reading);
        stack.AddDense(encoder.Dense);
        return stack;
    }

    /// <summary>Over an index; the first row of the table is for unknown and missing values.</summary>
    public static (IReadOnlyList<Layer> Layers, int Width) Category(
        EncoderConfig encoder,
        int vocabulary
    )
    {
        var count = checked(vocabulary + 1);
        if (encoder.Kind is EncoderKind.OneHot)
            return ([new OneHotLayer(count)], count);
        var dimension = encoder.Dimension ?? EmbeddingDimension(vocabulary);
        List<Layer> layers = [new EmbeddingLayer(count, dimension)];
        if (encoder.Dense.Dropout > 0)
            layers.Add(new DropoutLayer(encoder.Dense.Dropout));
        return (layers, dimension);
    }

    /// <summary>1.6 · n^0.56, the rule of thumb of fast.ai, within bounds.</summary>
    public static int EmbeddingDimension(int vocabulary) =>
        Math.Clamp(
            (int)Math.Round(1.6 * Math.Pow(vocabulary, 0.56)),
            MinimumEmbedding,
            MaximumEmbedding
        );

    /// <summary>Over an image.</summary>
    public static LayerStack Image(
        EncoderConfig encoder,
        ImageTransform image,
        string path,
        ConfigReading reading
    )
    {
        var stack = new LayerStack(image.Channels, image.Height, image.Width, path, reading);
        switch (encoder.Kind)
        {
            case EncoderKind.Cnn:
                AddCnn(stack, encoder);
                break;
            case EncoderKind.ResNet:
                AddResNet(stack, encoder);
                break;
            default:
                stack.AddFlatten();
                stack.AddDense(encoder.Dense);
                break;
        }
        return stack;
    }

    private static void AddCnn(LayerStack stack, EncoderConfig encoder)
    {
        var cnn = encoder.Convolution!;
        var activation = new ActivationLayer(encoder.Dense.Activation);
        // The maximum commutes with an activation that never falls: pooling first gives the same and activates a quarter.
        var poolFirst =
            encoder.Dense.Activation
            is ActivationKind.Relu
                or ActivationKind.Tanh
                or ActivationKind.Sigmoid;
        for (var i = 0; i < cnn.Channels.Count; i++)
        {
            stack.AddConvolution(
                cnn.Channels[i],
                cnn.KernelSize,
                i == 0 ? cnn.Stride : 1,
                bias: !cnn.BatchNorm
            );
            if (cnn.BatchNorm)
                stack.Add(new BatchNorm2dLayer(cnn.Channels[i]));
            var pools = cnn.Pooling is PoolingKind.Max && (i + 1) % cnn.PoolEvery == 0;
            if (!poolFirst)
                stack.Add(activation);
            if (pools)
                stack.AddMaxPool(cnn.PoolSize);
            if (poolFirst)
                stack.Add(activation);
        }
        if (cnn.GlobalPooling)
            stack.AddGlobalAveragePool();
        else
            stack.AddFlatten();
        stack.AddDense(encoder.Dense);
    }

    private static void AddResNet(LayerStack stack, EncoderConfig encoder)
    {
        var resnet = encoder.Convolution!;
        var activation = new ActivationLayer(encoder.Dense.Activation);
        stack.AddConvolution(resnet.Channels[0], 3, 1, bias: false);
        stack.Add(new BatchNorm2dLayer(resnet.Channels[0]));
        stack.Add(activation);
        for (var stage = 0; stage < resnet.Channels.Count; stage++)
        {
            for (var block = 0; block < resnet.Blocks; block++)
            {
                AddBlock(
                    stack,
                    resnet.Channels[stage],
                    stage > 0 && block == 0 ? 2 : 1,
                    activation
                );
            }
        }
        stack.AddGlobalAveragePool();
        stack.AddDropout(encoder.Dense.Dropout);
    }

    private static void AddBlock(
        LayerStack stack,
        int channels,
        int stride,
        ActivationLayer activation
    )
    {
        var inputs = stack.Channels;
        IReadOnlyList<Layer> body =
        [
            new Conv2dLayer(inputs, channels, 3, stride, 1, Bias: false),
            new BatchNorm2dLayer(channels),
            activation,
            new Conv2dLayer(channels, channels, 3, 1, 1, Bias: false),
            new BatchNorm2dLayer(channels),
        ];
        IReadOnlyList<Layer> shortcut =
            stride == 1 && inputs == channels
                ? []
                :
                [
                    new Conv2dLayer(inputs, channels, 1, stride, 0, Bias: false),
                    new BatchNorm2dLayer(channels),
                ];
        stack.AddResidual(
            new ResidualLayer(body, shortcut),
            channels,
            ((stack.Rows - 1) / stride) + 1,
            ((stack.Columns - 1) / stride) + 1
        );
        stack.Add(activation);
    }
}
