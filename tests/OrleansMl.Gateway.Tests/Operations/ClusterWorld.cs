using System.Collections.Concurrent;
using System.Text;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Gateway.Tests.Operations;

/// <summary>What the cluster's grains hold in a test, and what they do wrong. Names are unique to each test, since the cluster is shared.</summary>
public sealed class ClusterWorld
{
    public ConcurrentDictionary<string, List<DatasetManifest>> Datasets { get; } = new();

    public ConcurrentDictionary<string, List<DatasetHold>> Holds { get; } = new();

    public ConcurrentDictionary<string, DatasetCommit> Commits { get; } = new();

    public ConcurrentDictionary<string, ModelSnapshot> Models { get; } = new();

    public ConcurrentDictionary<string, ModelVersionSnapshot> Versions { get; } = new();

    public ConcurrentDictionary<string, ServingPolicySnapshot> Policies { get; } = new();

    /// <summary>By model: what is seen of its calls.</summary>
    public ConcurrentDictionary<string, WatchSnapshot> WatchedModels { get; } = new();

    /// <summary>By model: its traffic, and the outcomes told of it.</summary>
    public ConcurrentDictionary<string, TrafficRouting> Traffic { get; } = new();

    public ConcurrentDictionary<string, IReadOnlyList<OutcomeReport>> Outcomes { get; } = new();

    public ConcurrentDictionary<string, TrainingRunSnapshot> Runs { get; } = new();

    /// <summary>By run: what a watch gives, a list each time it is begun; an exception in place of an event ends it so.</summary>
    public ConcurrentDictionary<string, Queue<IReadOnlyList<object>>> Watches { get; } = new();

    /// <summary>By grain key: what its next call throws.</summary>
    public ConcurrentDictionary<string, Func<Exception>> Faults { get; } = new();

    /// <summary>By grain key: its next calls wait for this.</summary>
    public ConcurrentDictionary<string, Task> Gates { get; } = new();

    /// <summary>Whose services the silo's own way to models uses: a gateway's, which one test lends.</summary>
    public IServiceProvider? Serving { get; set; }

    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>By model: what its versions answer.</summary>
    public ConcurrentDictionary<
        string,
        Func<string, InferenceRequest, InferenceResponse>
    > Answers { get; } = new();

    /// <summary>A model of one version, without aliases.</summary>
    public void AddModel(string model)
    {
        Models[model] = new ModelSnapshot
        {
            Name = model,
            LatestVersion = 1,
            Aliases = new Dictionary<string, int>(),
        };
        var version = new ModelVersionId(model, 1);
        Versions[version.ToString()] = new ModelVersionSnapshot
        {
            Id = version,
            Onnx = ArtifactId.Of(Encoding.UTF8.GetBytes(model)),
            Signature = ScriptedEngine.Signature,
            Lineage = new ModelLineage(),
        };
    }

    public InferenceResponse Predict(string version, InferenceRequest request) =>
        Answers[version[..version.IndexOf('@', StringComparison.Ordinal)]](version, request);

    public async Task EnterAsync(string grain, string key)
    {
        Calls.Enqueue($"{grain}/{key}");
        if (Gates.TryGetValue(key, out var gate))
            await gate;
        if (Faults.TryGetValue(key, out var fault))
            throw fault();
    }
}
