using CsCheck;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Invocation;
using static OrleansMl.Core.Tests.Serving.Pipelines.PipelineWorld;

namespace OrleansMl.Core.Tests.Serving.Pipelines;

public sealed class PipelineRunTests
{
    private const string Cascade = """
        steps:
          - name: sure
            type: cascade
            stages:
              - { model: cheap, accept: max(p) >= 0.75 }
              - { model: middle, accept: max(p) >= 0.75 }
              - { model: best }
            outputs: [p, label]
        outputs: { p: sure.p, label: sure.label, stage: sure.stage }
        """;

    [Fact]
    public async Task A_pipeline_of_one_model_answers_bit_by_bit_as_the_model_does()
    {
        var world = new PipelineWorld();
        world.AddModel("net", 2, 2, row => [row[0] / 3, row[1] / 7]);
        await world.SaveAsync(
            "{steps: [{name: a, model: net}], outputs: {p: a.p, label: a.label}}"
        );
        float[][] rows =
        [
            [1, 2],
            [3, 4],
            [float.Epsilon, 1e30f],
        ];

        var alone = await world.CallAsync("net", rows);
        var piped = await world.CallAsync("pipe", rows);

        Assert.Equal(("pipe", 1, "r"), (piped.Model, piped.Version, piped.Id));
        foreach (var (expected, actual) in alone.Outputs.Zip(piped.Outputs))
        {
            Assert.Equal(expected.Name, actual.Name);
            Assert.Equal(expected.Shape, actual.Shape);
            Assert.Equal(expected.Data.ToArray(), actual.Data.ToArray());
        }
    }

    [Fact]
    public void Only_unsure_rows_of_a_cascade_go_on_and_every_row_has_its_own_answer_in_its_place()
    {
        // A row [a, id]: the stage that is sure of it is a; its answer tells stage and row.
        Gen.Int[1, 3]
            .Array[1, 40]
            .Sample(
                stages =>
                {
                    var world = new PipelineWorld();
                    world.AddModel("cheap", 2, 2, row => Answer(1, row));
                    world.AddModel("middle", 2, 2, row => Answer(2, row));
                    world.AddModel("best", 2, 2, row => Answer(3, row));
                    world.SaveAsync(Cascade).GetAwaiter().GetResult();

                    var response = world
                        .CallAsync("pipe", [.. stages.Select((s, i) => new float[] { s, i })])
                        .GetAwaiter()
                        .GetResult();

                    var p = Floats(response.Outputs[0]);
                    Assert.Equal(stages.Length, p.Length);
                    for (var i = 0; i < stages.Length; i++)
                        Assert.Equal([stages[i] == 3 ? 0.3f : 0.8f, i / -100f], p[i]);
                    Assert.Equal(stages.Select(s => (long)s), Integers(response.Outputs[2]));
                    Assert.Equal(
                        stages.Count(s => s > 1),
                        world.Calls.TryGetValue("middle", out var calls) ? calls.Single().Length : 0
                    );
                    Assert.Equal(
                        stages.Count(s => s > 2),
                        world.Calls.TryGetValue("best", out calls) ? calls.Single().Length : 0
                    );
                },
                iter: 200
            );

        static float[] Answer(int stage, float[] row) =>
            [row[0] == stage && stage < 3 ? 0.8f : 0.3f, row[1] / -100];
    }

    [Fact]
    public async Task Members_of_an_ensemble_run_at_once_and_are_averaged_by_weight()
    {
        var world = new PipelineWorld();
        world.AddModel("a", 1, 2, row => [row[0], 1]);
        world.AddModel("b", 1, 2, row => [row[0] * 2, 4]);
        await world.SaveAsync(
            """
            steps:
              - { name: one, model: a }
              - { name: two, model: b }
              - { name: mean, type: average, of: [one.p, two.p], weights: [2, 1] }
            outputs: { p: mean.output }
            """
        );
        world.Gates["a"] = new();
        world.Gates["b"] = new();
        world.Entered["a"] = new();
        world.Entered["b"] = new();

        var call = world.CallAsync("pipe", [3], [6]);
        // Both have begun before either has ended.
        await Task.WhenAll(world.Entered["a"].Task, world.Entered["b"].Task).WaitAsync(Cancel);
        world.Gates["b"].SetResult();
        world.Gates["a"].SetResult();
        var response = await call;

        Assert.Equal(
            [
                [4, 2],
                [8, 2],
            ],
            Floats(Assert.Single(response.Outputs))
        );
    }

    [Fact]
    public async Task A_vote_goes_to_the_heaviest_and_of_equals_to_the_earliest_member()
    {
        var world = new PipelineWorld();
        world.AddModel("a", 1, 3, row => [row[0] == 0 ? 1 : 0, row[0] == 1 ? 1 : 0, 0.5f]);
        world.AddModel("b", 1, 3, _ => [0, 1, 0]);
        world.AddModel("c", 1, 3, row => [row[0] == 0 ? 1 : 0, 0, 0.5f]);
        await world.SaveAsync(
            """
            steps:
              - { name: one, model: a }
              - { name: two, model: b }
              - { name: three, model: c }
              - { name: vote, type: vote, of: [one.label, two.label, three.label] }
            outputs: { label: vote.output, share: vote.share }
            """
        );

        var response = await world.CallAsync("pipe", [0], [1], [2]);

        // 0: a and c say 0. 1: a and b say 1. 2: a and c say 2.
        Assert.Equal([0, 1, 2], Integers(response.Outputs[0]));
        Assert.All(Floats(response.Outputs[1]), share => Assert.Equal(2 / 3f, share[0], 1e-6f));
    }

    [Fact]
    public async Task Rows_part_by_a_condition_and_come_together_again()
    {
        var world = new PipelineWorld();
        world.AddModel("low", 1, 2, row => [row[0], 0]);
        world.AddModel("high", 1, 2, row => [row[0] * 10, 0]);
        await world.SaveAsync(
            """
            steps:
              - { name: big, model: high, when: inputs.x > 5 and not (inputs.x == 7) }
              - { name: small, model: low, otherwise: big }
              - { name: all, type: merge, first_of: [big.p, small.p] }
              - { name: soft, type: softmax, input: all.output }
              - { name: best, type: argmax, input: all.output, labels: [first, second] }
              - { name: first, type: select, input: all.output, columns: [0] }
              - { name: half, type: scale, input: first.output, multiply: 0.5, add: 1 }
              - { name: over, type: threshold, input: first.output, at: 60 }
              - { name: one, type: constant, values: [1] }
              - { name: mean, type: average, of: [half.output, one.output] }
            outputs:
              p: all.output
              soft: soft.output
              best: best.output
              half: half.output
              over: over.output
              mean: mean.output
            """
        );

        var response = await world.CallAsync("pipe", [6], [1], [7], [-2], [9]);

        Assert.Equal(
            [
                [6],
                [9],
            ],
            world.Calls["high"].Single()
        );
        Assert.Equal(
            [
                [1],
                [7],
                [-2],
            ],
            world.Calls["low"].Single()
        );
        Assert.Equal([60, 1, 7, -2, 90], Floats(response.Outputs[0]).Select(p => p[0]));
        Assert.All(Floats(response.Outputs[1]), row => Assert.Equal(1, row.Sum(), 1e-5f));
        Assert.Equal(["first", "first", "first", "second", "first"], Texts(response.Outputs[2]));
        Assert.Equal([31, 1.5f, 4.5f, 0, 46], Floats(response.Outputs[3]).Select(p => p[0]));
        Assert.Equal([1, 0, 0, 0, 1], response.Outputs[4].Data.ToArray());
        Assert.Equal(
            [16, 1.25f, 2.75f, 0.5f, 23.5f],
            Floats(response.Outputs[5]).Select(p => p[0])
        );
    }

    [Fact]
    public async Task A_failing_step_is_named_and_thrown_only_when_nothing_runs_any_more()
    {
        var world = new PipelineWorld();
        world.AddModel("a", 1, 2, row => [row[0], 1]);
        world.AddModel("b", 1, 2, _ => throw new InvalidInputException("no such row"));
        await world.SaveAsync(
            """
            steps:
              - { name: one, model: a }
              - { name: two, model: b }
              - { name: mean, type: average, of: [one.p, two.p] }
            outputs: { p: mean.output }
            """
        );
        world.Gates["a"] = new();
        var entered = world.Entered["a"] = new();
        var failed = world.Entered["b"] = new();
        var call = world.CallAsync("pipe", [1]);
        await Task.WhenAll(entered.Task, failed.Task).WaitAsync(Cancel);
        Assert.False(call.IsCompleted);
        world.Gates["a"].SetResult();

        var error = await Assert.ThrowsAsync<InvalidInputException>(() => call);
        Assert.Equal("step 'two': no such row", error.Message);
    }

    [Fact]
    public async Task A_request_that_does_not_fit_is_refused_in_the_pipelines_own_name()
    {
        var world = new PipelineWorld();
        world.AddModel("net", 2, 2, row => row);
        await world.SaveAsync("{steps: [{name: a, model: net}], outputs: {p: a.p}}");

        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            world.CallAsync("pipe", [1, 2, 3])
        );

        Assert.StartsWith("model pipe@1: input 'x': expected shape [-1, 2]", error.Message);
        Assert.Empty(world.Calls);
    }

    [Fact]
    public async Task What_is_left_of_a_timeout_goes_on_and_a_step_after_it_is_not_begun()
    {
        var world = new PipelineWorld();
        world.AddModel("a", 1, 1, row => row);
        world.AddModel("b", 1, 1, row => row);
        await world.SaveAsync(
            "{steps: [{name: one, model: a}, {name: two, model: b, inputs: {x: one.p}}], outputs: {p: two.p}}"
        );
        world.Gates["a"] = new();
        var entered = world.Entered["a"] = new();
        var call = world.Invoker.InvokeAsync(
            new InferenceCall("pipe", ""),
            new InferenceRequest
            {
                Inputs =
                [
                    Rows(
                        "x",
                        [
                            [1],
                        ]
                    ),
                ],
                Parameters = new InferenceParameters { TimeoutMicroseconds = 1_000 },
            },
            Cancel
        );
        await entered.Task.WaitAsync(Cancel);
        world.Time.Advance(TimeSpan.FromMilliseconds(2));
        world.Gates["a"].SetResult();

        var error = await Assert.ThrowsAsync<UnavailableException>(() => call.AsTask());
        Assert.Contains("step 'two' was not begun", error.Message);
        Assert.False(world.Calls.ContainsKey("b"));
    }

    [Fact]
    public async Task Loading_a_pipeline_loads_its_models_and_a_silo_that_does_not_serve_sends_it_on_whole()
    {
        var world = new PipelineWorld();
        world.AddModel("a", 1, 1, row => row);
        await world.SaveAsync("{steps: [{name: one, model: a}], outputs: {p: one.p}}");

        await world.Predictor.LoadAsync(new ModelVersionId("pipe", 1), Cancel);
        Assert.True(world.Entered["a"].Task.IsCompleted);
        world.Available = false;
        world.Entered.Clear();
        await Assert.ThrowsAnyAsync<Exception>(() => world.CallAsync("pipe", [1]));
        Assert.Equal("pipe", Assert.Single(world.Entered).Key);
    }
}
