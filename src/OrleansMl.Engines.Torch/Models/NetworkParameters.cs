using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Schedules;
using OrleansMl.Engines.Torch.Export;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Models;

/// <summary>All parameters and buffers of a network, in the order of <see cref="ParameterNames.Of"/>.</summary>
internal sealed class NetworkParameters : IDisposable
{
    private readonly Dictionary<string, NetworkParameter> _byName;

    private NetworkParameters(IReadOnlyList<NetworkParameter> all)
    {
        All = all;
        Trained = [.. all.Where(parameter => parameter.Spec.Trained)];
        _byName = all.ToDictionary(parameter => parameter.Spec.Name);
    }

    /// <summary>Every array.</summary>
    public IReadOnlyList<NetworkParameter> All { get; }

    /// <summary>Those that the optimizer changes.</summary>
    public IReadOnlyList<NetworkParameter> Trained { get; }

    /// <summary>An array's tensor.</summary>
    public torch.Tensor this[string name] => _byName[name].Tensor;

    /// <summary>An array's tensor, or null when the network has none of the name.</summary>
    public torch.Tensor? Find(string name) => _byName.GetValueOrDefault(name)?.Tensor;

    /// <summary>
    /// Makes a network's first state from a seed: weights and biases of linear layers and convolutions uniform within
    /// ±1/√inputs (torch's default), embeddings normal, normalizations 1 and 0.
    /// </summary>
    public static NetworkParameters Initialize(ModelPlan plan, long seed, torch.Device device)
    {
        torch.manual_seed(
            (long)(SplitMix64.For(seed, RandomPurpose.Initialization, 0).Next() >> 1)
        );
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var initializer = new ParameterInitializer();
        initializer.Add(plan);
        var all = ParameterNames
            .Of(plan)
            .Select(spec =>
            {
                var tensor = initializer.Make(spec).to(device).detach();
                tensor.requires_grad = spec.Trained;
                tensor.DetachFromDisposeScope();
                return new NetworkParameter(spec, tensor);
            });
        return new NetworkParameters([.. all]);
    }

    /// <summary>A copy of every array's values.</summary>
    public IReadOnlyList<float[]> ToArrays() => [.. All.Select(parameter => parameter.ToArray())];

    /// <summary>Overwrites every array.</summary>
    public void Set(IReadOnlyList<float[]> values)
    {
        foreach (var (parameter, array) in All.Zip(values))
            parameter.Set(array);
    }

    /// <summary>The state by name, for the exporter.</summary>
    public IReadOnlyList<NamedParameter> ToNamed() =>
        [
            .. All.Select(parameter => new NamedParameter(
                parameter.Spec.Name,
                parameter.Spec.Shape,
                parameter.ToArray()
            )),
        ];

    public void Dispose()
    {
        foreach (var parameter in All)
            parameter.Tensor.Dispose();
    }
}
