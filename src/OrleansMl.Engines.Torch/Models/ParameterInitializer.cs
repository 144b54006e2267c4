using OrleansMl.Core.Training.Architectures;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Models;

/// <summary>How each array of a network begins.</summary>
internal sealed class ParameterInitializer
{
    private readonly Dictionary<string, Func<long[], torch.Tensor>> _byLayer = [];

    /// <summary>Notes every layer of a plan.</summary>
    public void Add(ModelPlan plan)
    {
        foreach (var input in plan.Inputs)
            Add(ParameterNames.Encoder(input.Name), input.Encoder);
        Add(ParameterNames.Combiner, plan.Combiner);
        foreach (var head in plan.Heads)
            Add(ParameterNames.Head(head.Name), head.Layers);
    }

    /// <summary>A parameter's first values, drawn from torch's generator.</summary>
    public torch.Tensor Make(ParameterSpec spec)
    {
        var dot = spec.Name.LastIndexOf('.');
        var kind = spec.Name[(dot + 1)..];
        long[] shape = [.. spec.Shape];
        return _byLayer.TryGetValue(spec.Name[..dot], out var drawn) ? drawn(shape)
            : kind is ParameterNames.Weight or ParameterNames.RunningVariance ? torch.ones(shape)
            : torch.zeros(shape);
    }

    private void Add(string list, IReadOnlyList<Layer> layers)
    {
        for (var i = 0; i < layers.Count; i++)
        {
            var name = ParameterNames.Layer(list, i);
            switch (layers[i])
            {
                case LinearLayer linear:
                    _byLayer[name] = shape => Uniform(shape, linear.Inputs);
                    break;
                case Conv2dLayer conv:
                    var inputs = (long)conv.InputChannels * conv.KernelSize * conv.KernelSize;
                    _byLayer[name] = shape => Uniform(shape, inputs);
                    break;
                case EmbeddingLayer:
                    _byLayer[name] = shape => torch.randn(shape);
                    break;
                case ResidualLayer residual:
                    Add(ParameterNames.Body(name), residual.Body);
                    Add(ParameterNames.Shortcut(name), residual.Shortcut);
                    break;
            }
        }
    }

    private static torch.Tensor Uniform(long[] shape, long inputs)
    {
        var bound = 1 / Math.Sqrt(inputs);
        return torch.empty(shape).uniform_(-bound, bound);
    }
}
