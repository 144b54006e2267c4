using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Rollout;
using OrleansMl.Grains.Serving.Traffic;
using OrleansMl.Grains.Tests.Operations;

namespace OrleansMl.Grains.Tests.Serving.Traffic;

public sealed class VersionSwapTests
{
    [Fact]
    public async Task Versions_change_under_load_without_a_failed_call_and_no_call_waits_for_a_load()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await RegisterAsync(cluster, "c1");
        await MoveAsync(cluster, 1);
        await RegisterAsync(cluster, "c2");
        await RegisterAsync(cluster, "c3");
        var services = cluster.Inner.Silos[0].ServiceProvider;
        var load = new Callers(services.GetRequiredService<ModelInvoker>());
        await load.UntilAsync(1, 50);

        // Asked for first, as by the HTTP route: the new version loads while the old one answers.
        cluster.Engine.LoadGate.Reset();
        var warm = services
            .GetRequiredService<VersionWarmUp>()
            .WarmAsync(new ModelVersionId("churn", 2), GrainCluster.Cancel);
        await load.UntilAsync(1, 200);
        Assert.False(warm.IsCompleted);
        cluster.Engine.LoadGate.Set();
        await warm;
        await MoveAsync(cluster, 2);
        await load.UntilAsync(2, 200);

        // Not asked for: the silo itself loads it before its route leads there.
        cluster.Engine.LoadGate.Reset();
        await MoveAsync(cluster, 3);
        await load.UntilAsync(2, 200);
        cluster.Engine.LoadGate.Set();
        await load.UntilAsync(3, 200);

        await load.StopAsync();
        Assert.Equal(3, cluster.Engine.Loads.Count);
    }

    [Fact]
    public async Task A_silo_that_cannot_load_a_version_is_named_and_nothing_moves()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await RegisterAsync(cluster, "c1");
        var warmUp = cluster.Inner.Silos[0].ServiceProvider.GetRequiredService<VersionWarmUp>();
        cluster.Engine.LoadError = new InvalidInputException("this is no model");

        var error = await Assert.ThrowsAsync<ConflictException>(() =>
            warmUp.WarmAsync(new ModelVersionId("churn", 1), GrainCluster.Cancel)
        );
        await Assert.ThrowsAsync<NotFoundException>(() =>
            warmUp.WarmAsync(new ModelVersionId("churn", 2), GrainCluster.Cancel)
        );

        Assert.Contains("silo-0", error.Message, StringComparison.Ordinal);
        Assert.Contains("this is no model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_serving_silo_compares_its_answers_with_the_golden_ones()
    {
        await using var cluster = await GrainCluster.StartAsync(
            null,
            new TestSilo("gateway,serve", []),
            new TestSilo("serve", [])
        );
        var right = await GoldenAsync(cluster, "right", 1, 2);
        var wrong = await GoldenAsync(cluster, "wrong", 1, 3);
        await RegisterAsync(cluster, "c1", right);
        await RegisterAsync(cluster, "c2", wrong);
        var warmUp = cluster.Inner.Silos[0].ServiceProvider.GetRequiredService<VersionWarmUp>();

        await warmUp.WarmAsync(new ModelVersionId("churn", 1), GrainCluster.Cancel);
        Assert.Equal(2, cluster.Engine.Loads.Count);
        var error = await Assert.ThrowsAsync<ConflictException>(() =>
            warmUp.WarmAsync(new ModelVersionId("churn", 2), GrainCluster.Cancel)
        );

        Assert.Contains("silo-0", error.Message, StringComparison.Ordinal);
        Assert.Contains("silo-1", error.Message, StringComparison.Ordinal);
        Assert.Contains("output 'y'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_by_split_reach_the_models_grain_as_counts()
    {
        await using var cluster = await GrainCluster.StartAsync();
        await RegisterAsync(cluster, "c1");
        await RegisterAsync(cluster, "c2");
        await cluster
            .Grains.GetGrain<IModelServingGrain>("churn")
            .SetAsync(
                new ServingPolicyChange
                {
                    CommandId = "p1",
                    Policy = new ServingPolicy
                    {
                        Traffic = new TrafficPolicy
                        {
                            Split =
                            [
                                new TrafficShare { Version = "1", Weight = 1 },
                                new TrafficShare { Version = "2", Weight = 1 },
                            ],
                        },
                    },
                },
                GrainCluster.Cancel
            );
        var services = cluster.Inner.Silos[0].ServiceProvider;
        var invoker = services.GetRequiredService<ModelInvoker>();
        Dictionary<int, long> answered = [];
        for (var i = 0; i < 100; i++)
        {
            var call = new InferenceCall("churn", "", $"user-{i}");
            var first = await invoker.InvokeAsync(
                call,
                TestModels.Request(1, 2),
                GrainCluster.Cancel
            );
            var again = await invoker.InvokeAsync(
                call,
                TestModels.Request(1, 2),
                GrainCluster.Cancel
            );
            Assert.Equal(first.Version, again.Version);
            answered[first.Version] = answered.GetValueOrDefault(first.Version) + 2;
        }
        var reporter = services.GetRequiredService<TrafficReporter>();
        // The first report is taken but its answer lost: it is repeated under its number.
        cluster.Faults.Arm(1, after: true, "state model-traffic/");
        await reporter.ReportAsync(GrainCluster.Cancel);
        cluster.Faults.Disarm();
        await reporter.ReportAsync(GrainCluster.Cancel);
        await reporter.ReportAsync(GrainCluster.Cancel);

        var snapshot = await cluster
            .Grains.GetGrain<IModelTrafficGrain>("churn")
            .GetAsync(GrainCluster.Cancel);
        Assert.Equal(answered, snapshot.Arms.ToDictionary(arm => arm.Version, arm => arm.Requests));
        Assert.InRange(answered[1], 50, 150);
    }

    private static async Task<Contracts.Artifacts.ArtifactId> GoldenAsync(
        GrainCluster cluster,
        string name,
        params float[] expected
    )
    {
        var path = Path.Combine(
            Directory.CreateTempSubdirectory("oml-golden").FullName,
            $"{name}.json"
        );
        new GoldenSample(
            TestModels.Request(1, 2).Inputs,
            [TestModels.Request(expected).Inputs[0] with { Name = "y" }]
        ).Write(path);
        var id = TestModels.Artifact(await File.ReadAllTextAsync(path, GrainCluster.Cancel));
        cluster.Engine.Files[id.Hex] = path;
        return id;
    }

    private static Task<ModelVersionSnapshot> RegisterAsync(
        GrainCluster cluster,
        string command,
        Contracts.Artifacts.ArtifactId? golden = null
    ) =>
        cluster
            .Model("churn")
            .RegisterVersionAsync(
                TestModels.Registration(command) with
                {
                    Golden = golden,
                },
                GrainCluster.Cancel
            );

    private static Task<ModelSnapshot> MoveAsync(GrainCluster cluster, int version) =>
        cluster
            .Model("churn")
            .MoveAliasAsync(
                new AliasMove
                {
                    CommandId = $"move-{version}",
                    Alias = "champion",
                    Version = version,
                },
                GrainCluster.Cancel
            );

    /// <summary>Callers that never stop asking; a failed call fails the test.</summary>
    private sealed class Callers
    {
        private readonly Channel<int> _answers = Channel.CreateBounded<int>(64);
        private readonly CancellationTokenSource _stop =
            CancellationTokenSource.CreateLinkedTokenSource(GrainCluster.Cancel);
        private readonly Task _work;

        public Callers(ModelInvoker invoker) =>
            _work = Task.WhenAll(
                Enumerable
                    .Range(0, 8)
                    .Select(_ => Task.Run(() => AskAsync(invoker), GrainCluster.Cancel))
            );

        /// <summary>Waits for so many answers of a version in a row.</summary>
        public async Task UntilAsync(int version, int times)
        {
            var row = 0;
            while (row < times)
            {
                if (_work.IsFaulted)
                    await _work;
                row = await _answers.Reader.ReadAsync(_stop.Token) == version ? row + 1 : 0;
            }
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            try
            {
                await _work;
            }
            catch (OperationCanceledException)
            {
                // They were stopped.
            }
            _stop.Dispose();
        }

        private async Task AskAsync(ModelInvoker invoker)
        {
            try
            {
                var last = 0;
                while (true)
                {
                    var answer = await invoker.InvokeAsync(
                        new InferenceCall("churn", ""),
                        TestModels.Request(1, 2),
                        CancellationToken.None
                    );
                    Assert.True(answer.Version >= last, $"{answer.Version} after {last}");
                    last = answer.Version;
                    await _answers.Writer.WriteAsync(answer.Version, _stop.Token);
                }
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                _answers.Writer.TryComplete(error);
                throw;
            }
        }
    }
}
