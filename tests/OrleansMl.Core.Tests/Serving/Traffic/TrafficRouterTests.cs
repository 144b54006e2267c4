using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Tests.Serving.Traffic;

public sealed class TrafficRouterTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TrafficCounters _counters = new();
    private readonly TrafficOptions _options = new() { ShadowQueueLimit = 2 };
    private readonly ShadowQueue _queue;
    private readonly TrafficRouter _router;

    public TrafficRouterTests()
    {
        _queue = new ShadowQueue(Options.Create(_options));
        _router = new TrafficRouter(_counters, _queue, new TrafficRandom(5), _time);
    }

    [Fact]
    public void Only_calls_that_name_no_version_are_governed_and_named()
    {
        var snapshot = TrafficWorld.Snapshot(TrafficWorld.Split(("2", 1)));

        var governed = _router.Route(new InferenceCall("churn", ""), snapshot);
        Assert.Equal(2, governed.Version.Version);
        Assert.Equal((2, 5L), (governed.Prediction.Version, governed.Prediction.Experiment));
        foreach (var (reference, version) in new[] { ("champion", 1), ("3", 3), ("latest", 3) })
        {
            var route = _router.Route(new InferenceCall("churn", reference), snapshot);
            Assert.Equal(version, route.Version.Version);
            Assert.True(route.Prediction.IsNone);
        }
    }

    [Fact]
    public void Calls_by_a_listed_alias_are_governed_too()
    {
        var snapshot = TrafficWorld.Snapshot(
            TrafficWorld.Split(("2", 1)) with
            {
                Aliases = ["champion"],
            }
        );

        Assert.Equal(
            2,
            _router.Route(new InferenceCall("churn", "champion"), snapshot).Version.Version
        );
    }

    [Fact]
    public void A_share_of_which_the_alias_is_gone_falls_to_the_others()
    {
        var snapshot = TrafficWorld.Snapshot(TrafficWorld.Split(("gone", 9), ("2", 1)));
        Assert.Equal(2, _router.Route(new InferenceCall("churn", ""), snapshot).Version.Version);

        var none = TrafficWorld.Snapshot(TrafficWorld.Split(("gone", 9)));
        Assert.Equal(1, _router.Route(new InferenceCall("churn", ""), none).Version.Version);
    }

    [Theory]
    [InlineData(CanaryPhase.Running, 0.25, 0.25)]
    [InlineData(CanaryPhase.Promoting, 1, 1)]
    [InlineData(CanaryPhase.Watching, 1, 1)]
    [InlineData(CanaryPhase.RollingBack, 0, 0)]
    // Over: the alias says, and it is at 1 in this world.
    [InlineData(CanaryPhase.RolledBack, 0, 0)]
    [InlineData(CanaryPhase.Promoted, 1, 0)]
    public void A_canary_gets_its_share_by_phase(CanaryPhase phase, double share, double expected)
    {
        var snapshot = TrafficWorld.Snapshot(
            new TrafficPolicy { Canary = new CanaryPolicy { Version = "2" } },
            new CanaryStatus
            {
                Phase = phase,
                Stable = 1,
                Candidate = 2,
                Step = 0,
                Share = share,
                Since = default,
            }
        );

        var second = Enumerable
            .Range(0, 4000)
            .Count(i =>
                _router.Route(new InferenceCall("churn", "", $"{i}"), snapshot).Version.Version == 2
            );

        Assert.InRange(second / 4000.0, expected - 0.04, expected + 0.04);
    }

    [Fact]
    public void Calls_are_counted_once_and_blame_falls_on_the_version_alone()
    {
        var snapshot = TrafficWorld.Snapshot(TrafficWorld.Split(("2", 1)));
        var route = _router.Route(new InferenceCall("churn", ""), snapshot);
        var started = _router.Start();
        _time.Advance(TimeSpan.FromMilliseconds(10));
        _router.Answered(route, Request(), Response(1), started);
        _router.Failed(route, new UnavailableException("broken"));
        _router.Failed(route, new InvalidInputException("the caller's fault"));
        _router.Failed(route, new OperationCanceledException());

        var counts = Assert.Single(_counters.Take());
        var arm = Assert.Single(counts.Arms);
        Assert.Equal((2, 2L, 1L), (arm.Version, arm.Requests, arm.Errors));
        Assert.InRange(arm.Seconds, 0.0099, 0.0101);
        Assert.InRange(LatencyHistogram.Percentile(arm.Latencies, 0.5)!.Value, 0.009, 0.011);
        Assert.Empty(_counters.Take());
    }

    [Fact]
    public async Task A_shadow_answers_after_the_caller_and_is_compared()
    {
        var predictor = new ScriptedPredictor(_ => Response(2, 1f, 0f));
        using var stop = new CancellationTokenSource();
        Answer(Response(1, 0.25f, 0.75f));
        Answer(Response(1, 0.75f, 0.25f));
        // The queue holds two: the third is dropped, and nobody waited.
        Answer(Response(1, 0.75f, 0.25f));

        var work = Runner(predictor).RunAsync(stop.Token);
        await predictor.Answered(2);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);

        var tally = Assert.Single(Assert.Single(_counters.Take()).Shadows);
        Assert.Equal((1, 2), (tally.Version, tally.Shadow));
        Assert.Equal((2L, 1L, 0L), (tally.Compared, tally.Dropped, tally.Failed));
        Assert.Equal((2L, 1L), (tally.Rows, tally.AgreeingRows));
        Assert.Equal(4, tally.Numbers);
        Assert.Equal(2, tally.Distance, 1e-6);
        Assert.Equal(0.75, tally.LargestDistance, 1e-6);
    }

    [Fact]
    public async Task A_broken_shadow_is_counted_and_hurts_nobody()
    {
        var predictor = new ScriptedPredictor(_ => throw new UnavailableException("broken"));
        using var stop = new CancellationTokenSource();
        var memory = new TensorMemory();
        memory.Rent(8);
        Answer(Response(1, 1f, 0f), memory);

        var work = Runner(predictor).RunAsync(stop.Token);
        await predictor.Answered(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);

        var tally = Assert.Single(Assert.Single(_counters.Take()).Shadows);
        Assert.Equal((0L, 1L), (tally.Compared, tally.Failed));
        // The queue has let go of the request's memory: its caller is the last holder.
        memory.Release();
        Assert.Throws<ObjectDisposedException>(memory.Release);
    }

    [Fact]
    public void Answers_of_another_shape_or_name_are_mismatches()
    {
        var live = Response(1, 1f, 0f).Outputs;

        Assert.True(OutputComparison.Compare(live, Response(2, 1f).Outputs).Mismatched);
        Assert.True(OutputComparison.Compare(live, [live[0] with { Name = "other" }]).Mismatched);
        Assert.True(
            OutputComparison.Compare(live, [live[0] with { Datatype = "FP64" }]).Mismatched
        );
    }

    [Fact]
    public void Labels_and_scores_must_both_agree_in_a_row()
    {
        InferenceTensor Labels(params string[] labels) =>
            new()
            {
                Name = "label",
                Datatype = "BYTES",
                Shape = [labels.Length],
                Data = labels
                    .SelectMany(label =>
                        BitConverter
                            .GetBytes((uint)label.Length)
                            .Concat(System.Text.Encoding.UTF8.GetBytes(label))
                    )
                    .ToArray(),
            };
        var found = OutputComparison.Compare(
            [Labels("cat", "dog"), Tensor([2, 2], 1, 0, 0, 1)],
            [Labels("cat", "cat"), Tensor([2, 2], 1, 0, 0, 1)]
        );

        Assert.Equal((2L, 1L), (found.Rows, found.AgreeingRows));
        Assert.Equal(0, found.Distance);
    }

    private void Answer(InferenceResponse response, TensorMemory? memory = null)
    {
        var snapshot = TrafficWorld.Snapshot(
            new TrafficPolicy { Shadow = new ShadowPolicy { Version = "2" } }
        );
        var route = _router.Route(new InferenceCall("churn", ""), snapshot);
        Assert.Equal(1, route.Version.Version);
        _router.Answered(route, Request() with { Memory = memory }, response, _router.Start());
    }

    private ShadowRunner Runner(IModelPredictor predictor) =>
        new(
            _queue,
            _counters,
            predictor,
            Options.Create(_options),
            _time,
            NullLogger<ShadowRunner>.Instance
        );

    private static InferenceRequest Request() => new() { Inputs = [Tensor([1, 1], 1)] };

    private static InferenceResponse Response(int version, params float[] scores) =>
        new()
        {
            Model = "churn",
            Version = version,
            Outputs = [Tensor([1, scores.Length], scores)],
        };

    private static InferenceTensor Tensor(long[] shape, params float[] values) =>
        new()
        {
            Name = "y",
            Datatype = "FP32",
            Shape = shape,
            Data = MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        };

    private sealed class ScriptedPredictor(Func<ModelVersionId, InferenceResponse> answer)
        : IModelPredictor
    {
        private readonly Channel<int> _answered = Channel.CreateUnbounded<int>();

        public async Task Answered(int times)
        {
            for (var i = 0; i < times; i++)
                await _answered.Reader.ReadAsync(TestContext.Current.CancellationToken);
        }

        public async ValueTask<InferenceResponse> PredictAsync(
            ModelVersionId version,
            InferenceRequest request,
            CancellationToken cancellationToken
        )
        {
            await Task.Yield();
            try
            {
                return answer(version);
            }
            finally
            {
                _answered.Writer.TryWrite(version.Version);
            }
        }

        public ValueTask LoadAsync(ModelVersionId version, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
