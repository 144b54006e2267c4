using System.Collections.Concurrent;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Core.Tests.Serving;

/// <summary>Models in memory, slow or broken as a test says.</summary>
internal sealed class FakeModelSource : IModelSource
{
    private readonly ConcurrentQueue<string> _asked = new();

    public ConcurrentDictionary<string, ModelSnapshot> Models { get; } = new();

    public ConcurrentDictionary<string, ServingPolicySnapshot> Policies { get; } = new();

    public ConcurrentDictionary<string, TrafficRouting> Traffic { get; } = new();

    public ConcurrentDictionary<ModelVersionId, ModelVersionSnapshot> Versions { get; } = new();

    /// <summary>What asking waits for.</summary>
    public Task? Gate { get; set; }

    /// <summary>What asking throws.</summary>
    public Exception? Fault { get; set; }

    public void Add(string name, int latest) =>
        Models[name] = new ModelSnapshot
        {
            Name = name,
            LatestVersion = latest,
            Aliases = new Dictionary<string, int>(),
        };

    /// <summary>How often a model was asked for.</summary>
    public int Asked(string model) => _asked.Count(name => name == model);

    public async Task<ModelSnapshot?> FindAsync(string model, CancellationToken cancellationToken)
    {
        _asked.Enqueue(model);
        if (Gate is { } gate)
            await gate;
        return Fault is { } fault ? throw fault : Models.GetValueOrDefault(model);
    }

    public Task<ServingPolicySnapshot> GetPolicyAsync(
        string model,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            Policies.GetValueOrDefault(model)
                ?? new ServingPolicySnapshot
                {
                    Model = model,
                    Revision = 0,
                    Policy = ServingPolicy.Default,
                }
        );

    public Task<TrafficRouting?> GetTrafficAsync(
        string model,
        CancellationToken cancellationToken
    ) => Task.FromResult(Traffic.GetValueOrDefault(model));

    public Task<ModelVersionSnapshot?> FindVersionAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) => Task.FromResult(Versions.GetValueOrDefault(version));
}
