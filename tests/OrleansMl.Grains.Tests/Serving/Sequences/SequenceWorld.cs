using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Sequences;

/// <summary>Two silos that serve a model with a state.</summary>
internal sealed class SequenceWorld : IAsyncDisposable
{
    private SequenceWorld(GrainCluster cluster, Accumulator model) =>
        (Cluster, Model) = (cluster, model);

    public GrainCluster Cluster { get; }

    public Accumulator Model { get; }

    public static async Task<SequenceWorld> StartAsync(SequencePolicy? policy = null, int silos = 2)
    {
        var model = new Accumulator();
        var cluster = await GrainCluster.StartAsync(
            services => services.AddSingleton<IModelPredictor>(model),
            [.. Enumerable.Repeat(new TestSilo("gateway,serve", []), silos)]
        );
        var world = new SequenceWorld(cluster, model);
        await world.RegisterAsync("c1");
        await world.SetAsync("p1", policy ?? Accumulator.Policy);
        return world;
    }

    public async Task<ModelVersionId> RegisterAsync(string command) =>
        (
            await Cluster
                .Model(Accumulator.Model)
                .RegisterVersionAsync(Accumulator.Registration(command), GrainCluster.Cancel)
        ).Id;

    public async Task SetAsync(string command, SequencePolicy policy)
    {
        await Cluster
            .Grains.GetGrain<IModelServingGrain>(Accumulator.Model)
            .SetAsync(
                new ServingPolicyChange
                {
                    CommandId = command,
                    Policy = new ServingPolicy { Sequences = policy, Cache = new CachePolicy() },
                },
                GrainCluster.Cancel
            );
        Forget();
    }

    /// <summary>All silos ask for the model anew.</summary>
    public void Forget()
    {
        foreach (var silo in Cluster.Inner.Silos)
            silo.ServiceProvider.GetRequiredService<ModelRoutes>().Invalidate(Accumulator.Model);
    }

    public async Task<InferenceResponse> CallAsync(
        InferenceRequest request,
        int silo = 0,
        string reference = "",
        string caller = "app"
    ) =>
        await Cluster
            .Inner.Silos[silo]
            .ServiceProvider.GetRequiredService<ModelInvoker>()
            .InvokeAsync(
                new InferenceCall(Accumulator.Model, reference, Caller: caller),
                request,
                GrainCluster.Cancel
            );

    /// <summary>Calls, and gives the sum that was answered.</summary>
    public async Task<float> SumAsync(InferenceRequest request, int silo = 0) =>
        Accumulator.Number((await CallAsync(request, silo)).Outputs.Single(o => o.Name == "y"));

    public static InferenceRequest Request(
        string sequence,
        float value,
        bool start = false,
        bool end = false,
        string? id = null,
        long step = 0
    ) =>
        new()
        {
            Id = id,
            Inputs = [Accumulator.Tensor("x", value)],
            Parameters = new InferenceParameters
            {
                SequenceId = sequence,
                SequenceStart = start,
                SequenceEnd = end,
                SequenceStep = step,
            },
        };

    /// <summary>What the database holds of a sequence, in bytes.</summary>
    public int Stored(string sequence) =>
        Cluster.Storage.SizeOf($"model-sequence/{Accumulator.Model}/~/app/{sequence}");

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
