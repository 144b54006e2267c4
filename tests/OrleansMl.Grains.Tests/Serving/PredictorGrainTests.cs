using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Grains.Operations;
using OrleansMl.Grains.Serving;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving;

public sealed class PredictorGrainTests
{
    [Fact]
    public async Task A_version_answers_by_its_signature()
    {
        await using var cluster = await ServingAsync();
        var predictor = Predictor(cluster, "churn@1");

        var response = await predictor.PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel);

        Assert.Equal(("churn", 1, "r1"), (response.Model, response.Version, response.Id));
        Assert.Equal("y", Assert.Single(response.Outputs).Name);
        Assert.Equal(
            "x",
            Assert.Single((await predictor.GetSignatureAsync(GrainCluster.Cancel)).Inputs).Name
        );
    }

    [Fact]
    public async Task What_does_not_fit_the_signature_or_does_not_exist_is_refused()
    {
        await using var cluster = await ServingAsync();
        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            Predictor(cluster, "churn@1")
                .PredictAsync(TestModels.Request(1, float.NaN), GrainCluster.Cancel)
        );
        Assert.Contains("got NaN at element 1", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotFoundException>(() =>
            Predictor(cluster, "churn@2")
                .PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel)
        );
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            Predictor(cluster, "churn").PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel)
        );
        // A version that comes later is found, though it was asked for before.
        await RegisterAsync(cluster, "c2");
        await Predictor(cluster, "churn@2")
            .PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel);
    }

    [Fact]
    public async Task Calls_that_meet_share_one_load_off_the_pool()
    {
        await using var cluster = await ServingAsync();
        cluster.Engine.LoadGate.Reset();
        var calls = Enumerable
            .Range(0, 20)
            .Select(_ =>
                Predictor(cluster, "churn@1")
                    .PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel)
            )
            .ToList();
        cluster.Engine.LoadGate.Set();
        await Task.WhenAll(calls);

        Assert.Single(cluster.Engine.Loads);
        Assert.False(Assert.Single(cluster.Engine.LoadedOnPool));
    }

    [Fact]
    public async Task A_model_too_slow_to_run_inline_runs_off_the_pool()
    {
        await using var cluster = await ServingAsync();
        cluster.Engine.InlineVolume = 0;
        await Predictor(cluster, "churn@1")
            .PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel);

        Assert.False(Assert.Single(cluster.Engine.RanOnPool));
    }

    [Fact]
    public async Task A_batch_larger_than_may_run_inline_runs_off_the_pool()
    {
        await using var cluster = await ServingAsync();
        cluster.Engine.InlineVolume = 1;
        var predictor = Predictor(cluster, "churn@1");
        await predictor.PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel);
        await predictor.PredictAsync(TestModels.Request(1, 2, 3, 4), GrainCluster.Cancel);

        Assert.Equal([true, false], cluster.Engine.RanOnPool);
    }

    [Fact]
    public async Task More_calls_than_may_wait_are_refused()
    {
        await using var cluster = await ServingAsync(options => options.Threads = 1);
        await PolicyAsync(cluster, new BatchingPolicy { QueueLimit = 1 });
        cluster.Engine.InlineVolume = 0;
        cluster.Engine.RunGate.Reset();
        var local = Local(cluster);
        // The model is loaded first, so that every call goes straight to the threads.
        await local.GetSignatureAsync(new ModelVersionId("churn", 1), GrainCluster.Cancel);
        List<Task<InferenceResponse>> waiting = [];
        OverloadedException? refused = null;
        // One runs, one waits; the third, or the second if the thread has not taken the first yet, is refused.
        for (var i = 0; i < 3 && refused is null; i++)
        {
            try
            {
                var call = local
                    .PredictAsync(
                        new ModelVersionId("churn", 1),
                        TestModels.Request(1, 2),
                        GrainCluster.Cancel
                    )
                    .AsTask();
                if (call.IsFaulted)
                    await call;
                waiting.Add(call);
            }
            catch (OverloadedException error)
            {
                refused = error;
            }
        }
        cluster.Engine.RunGate.Set();
        await Task.WhenAll(waiting);

        Assert.NotNull(refused);
        Assert.InRange(waiting.Count, 1, 2);
    }

    [Fact]
    public async Task A_version_that_fails_to_load_rests_and_is_tried_again()
    {
        await using var cluster = await ServingAsync();
        cluster.Engine.LoadError = new InvalidInputException("this is no model");
        var predictor = Predictor(cluster, "churn@1");
        for (var i = 0; i < 3; i++)
        {
            var error = await Assert.ThrowsAsync<UnavailableException>(() =>
                predictor.PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel)
            );
            Assert.Contains("this is no model", error.Message, StringComparison.Ordinal);
        }
        Assert.Single(cluster.Engine.LoadedOnPool);

        cluster.Engine.LoadError = null;
        cluster.Time.Advance(TimeSpan.FromSeconds(1));
        await predictor.PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel);
        Assert.Single(cluster.Engine.Loads);
    }

    [Fact]
    public async Task The_version_used_longest_ago_is_let_go_and_comes_back_when_asked_for()
    {
        await using var cluster = await ServingAsync(options => options.SessionLimit = 2);
        await RegisterAsync(cluster, "c2");
        await RegisterAsync(cluster, "c3");
        foreach (var version in (int[])[1, 2, 1, 3])
        {
            cluster.Time.Advance(TimeSpan.FromMilliseconds(1));
            await Predictor(cluster, $"churn@{version}")
                .PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel);
        }

        Assert.Equal([TestModels.Artifact("onnx c2").Hex], cluster.Engine.Disposals);
        await Predictor(cluster, "churn@2")
            .PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel);
        Assert.Equal(4, cluster.Engine.Loads.Count);
    }

    [Fact]
    public async Task A_call_under_way_keeps_its_model_until_it_has_ended()
    {
        await using var cluster = await ServingAsync(options => options.SessionLimit = 1);
        await RegisterAsync(cluster, "c2");
        cluster.Engine.InlineVolume = 0;
        var local = Local(cluster);
        var first = new ModelVersionId("churn", 1);
        await local.GetSignatureAsync(first, GrainCluster.Cancel);
        cluster.Engine.RunGate.Reset();
        var call = local.PredictAsync(first, TestModels.Request(1, 2), GrainCluster.Cancel);
        await local.GetSignatureAsync(new ModelVersionId("churn", 2), GrainCluster.Cancel);
        Assert.Empty(cluster.Engine.Disposals);

        cluster.Engine.RunGate.Set();
        await call;
        Assert.Single(cluster.Engine.Disposals);
    }

    [Fact]
    public async Task Predictors_live_on_serving_silos_alone()
    {
        await using var cluster = await GrainCluster.StartAsync(
            null,
            new TestSilo("gateway", []),
            new TestSilo("serve", []),
            new TestSilo("train", ["cpu:0"])
        );
        await RegisterAsync(cluster, "c1");
        for (var i = 0; i < 10; i++)
            await Predictor(cluster, "churn@1")
                .PredictAsync(TestModels.Request(1, 2), GrainCluster.Cancel);

        foreach (var silo in cluster.Inner.Silos)
        {
            var serves = cluster.Names.IndexOf(silo.Name) == 1;
            Assert.Equal(
                serves,
                silo.ServiceProvider.GetRequiredService<ILocalPredictor>().Available
            );
        }
        Assert.Single(cluster.Engine.Loads);
    }

    [Fact]
    public async Task A_call_that_carries_too_many_bytes_is_refused_before_it_is_sent()
    {
        await using var cluster = await ServingAsync();
        var grains = cluster.Inner.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();
        var rows = (int)MessageSizeFilter.MaxBytes / 8 + 1;

        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            grains
                .GetGrain<IPredictorGrain>("churn@1")
                .PredictAsync(TestModels.Request(new float[rows * 2]), GrainCluster.Cancel)
        );

        Assert.Contains("at most 4194304 bytes", error.Message, StringComparison.Ordinal);
    }

    private static async Task<GrainCluster> ServingAsync(Action<PredictorOptions>? configure = null)
    {
        var cluster = await GrainCluster.StartAsync(services =>
            services.Configure<PredictorOptions>(options => configure?.Invoke(options))
        );
        await RegisterAsync(cluster, "c1");
        return cluster;
    }

    private static Task<ServingPolicySnapshot> PolicyAsync(
        GrainCluster cluster,
        BatchingPolicy policy
    ) =>
        cluster
            .Grains.GetGrain<IModelServingGrain>("churn")
            .SetAsync(
                new ServingPolicyChange
                {
                    CommandId = "batching",
                    Policy = new ServingPolicy { Batching = policy },
                },
                GrainCluster.Cancel
            );

    private static Task<ModelVersionSnapshot> RegisterAsync(GrainCluster cluster, string command) =>
        cluster
            .Model("churn")
            .RegisterVersionAsync(TestModels.Registration(command), GrainCluster.Cancel);

    private static IPredictorGrain Predictor(GrainCluster cluster, string version) =>
        cluster.Grains.GetGrain<IPredictorGrain>(version);

    private static ILocalPredictor Local(GrainCluster cluster) =>
        cluster.Inner.Silos[0].ServiceProvider.GetRequiredService<ILocalPredictor>();
}
