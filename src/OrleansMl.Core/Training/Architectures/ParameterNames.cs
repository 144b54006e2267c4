namespace OrleansMl.Core.Training.Architectures;

/// <summary>
/// The names of a network's parameters: the module's state, the weights file and the exporter all use these.
/// <code>
/// inputs.{feature}.encoder.{i}.weight     combiner.{i}.weight     heads.{name}.{i}.weight
/// {layer}.body.{i}.weight and {layer}.shortcut.{i}.weight inside a ResidualLayer
/// </code>
/// <c>{i}</c> counts every layer of its list from 0, those without parameters too. Shapes are those of torch: Linear
/// O×I, Conv2d O×I×K×K, Embedding N×D, biases and normalizations one dimension.
/// </summary>
public static class ParameterNames
{
    /// <summary>Prefix of the combiner's layers.</summary>
    public const string Combiner = "combiner";

    /// <summary>Linear, Conv2d, Embedding and the scale of a normalization.</summary>
    public const string Weight = "weight";

    /// <summary>Linear, Conv2d and the shift of a normalization.</summary>
    public const string Bias = "bias";

    /// <summary>Batch normalization: the mean that evaluation uses.</summary>
    public const string RunningMean = "running_mean";

    /// <summary>Batch normalization: the variance that evaluation uses.</summary>
    public const string RunningVariance = "running_var";

    /// <summary>Prefix of an input's encoder layers.</summary>
    public static string Encoder(string feature) => $"inputs.{feature}.encoder";

    /// <summary>Prefix of a head's layers.</summary>
    public static string Head(string name) => $"heads.{name}";

    /// <summary>Prefix of the layer at an index of a list of layers.</summary>
    public static string Layer(string list, int index) => $"{list}.{index}";

    /// <summary>Prefix of a residual layer's body.</summary>
    public static string Body(string layer) => $"{layer}.body";

    /// <summary>Prefix of a residual layer's shortcut.</summary>
    public static string Shortcut(string layer) => $"{layer}.shortcut";

    /// <summary>A parameter of a layer.</summary>
    public static string Parameter(string layer, string parameter) => $"{layer}.{parameter}";

    /// <summary>Every array of a plan's state, in the network's order: inputs, combiner, heads. The weights file has this order.</summary>
    public static IReadOnlyList<ParameterSpec> Of(ModelPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return
        [
            .. plan.Inputs.SelectMany(input => OfList(Encoder(input.Name), input.Encoder)),
            .. OfList(Combiner, plan.Combiner),
            .. plan.Heads.SelectMany(head => OfList(Head(head.Name), head.Layers)),
        ];
    }

    private static IEnumerable<ParameterSpec> OfList(string list, IReadOnlyList<Layer> layers) =>
        layers.SelectMany((layer, index) => OfLayer(Layer(list, index), layer));

    private static IEnumerable<ParameterSpec> OfLayer(string name, Layer layer) =>
        layer switch
        {
            LinearLayer linear => Affine(
                name,
                [linear.Outputs, linear.Inputs],
                linear.Outputs,
                linear.Bias
            ),
            Conv2dLayer conv => Affine(
                name,
                [conv.OutputChannels, conv.InputChannels, conv.KernelSize, conv.KernelSize],
                conv.OutputChannels,
                conv.Bias
            ),
            EmbeddingLayer embedding => Affine(
                name,
                [embedding.Count, embedding.Dimension],
                0,
                bias: false
            ),
            LayerNormLayer norm => Affine(name, [norm.Features], norm.Features, bias: true),
            BatchNorm1dLayer norm => BatchNorm(name, norm.Features),
            BatchNorm2dLayer norm => BatchNorm(name, norm.Channels),
            ResidualLayer residual => OfList(Body(name), residual.Body)
                .Concat(OfList(Shortcut(name), residual.Shortcut)),
            _ => [],
        };

    private static IEnumerable<ParameterSpec> Affine(
        string name,
        long[] weight,
        long outputs,
        bool bias
    )
    {
        yield return new ParameterSpec(Parameter(name, Weight), weight, Trained: true);
        if (bias)
            yield return new ParameterSpec(Parameter(name, Bias), [outputs], Trained: true);
    }

    private static IEnumerable<ParameterSpec> BatchNorm(string name, long features)
    {
        yield return new ParameterSpec(Parameter(name, Weight), [features], Trained: true);
        yield return new ParameterSpec(Parameter(name, Bias), [features], Trained: true);
        yield return new ParameterSpec(Parameter(name, RunningMean), [features], Trained: false);
        yield return new ParameterSpec(
            Parameter(name, RunningVariance),
            [features],
            Trained: false
        );
    }
}
