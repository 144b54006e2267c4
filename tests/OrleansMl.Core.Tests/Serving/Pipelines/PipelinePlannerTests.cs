using OrleansMl.Contracts;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Core.Tests.Training.Configuration;

namespace OrleansMl.Core.Tests.Serving.Pipelines;

public sealed class PipelinePlannerTests
{
    [Theory]
    [InlineData(
        "{steps: [{name: a, model: absent}], outputs: {p: a.p}}",
        "there is no model absent"
    )]
    [InlineData("{steps: [{name: a, model: net@7}], outputs: {p: a.p}}", "there is no model net@7")]
    [InlineData("{steps: [{name: a, model: net}], outputs: {p: a.q}}", "step 'a' gives no 'q'")]
    [InlineData("{steps: [{name: a, model: net}], outputs: {p: b.p}}", "there is no step 'b'")]
    [InlineData("{steps: [{name: a, model: net}], outputs: {p: p}}", "'p' is not a value")]
    [InlineData(
        "{steps: [{name: a, model: net, inputs: {y: inputs.x}}], outputs: {p: a.p}}",
        "no input 'y'"
    )]
    [InlineData(
        "{steps: [{name: inputs, model: net}], outputs: {p: inputs.p}}",
        "stands for what the caller gives"
    )]
    [InlineData(
        "{steps: [{name: a, model: net}, {name: a, model: net}], outputs: {p: a.p}}",
        "two steps 'a'"
    )]
    [InlineData(
        "{steps: [{name: a, model: net}, {name: b, model: net}], outputs: {p: a.p}}",
        "no output needs the step 'b'"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, inputs: {x: b.p}}, {name: b, model: net, inputs: {x: a.p}}], outputs: {p: a.p}}",
        "steps need each other in a circle: a → b → a"
    )]
    [InlineData(
        "{steps: [{name: a, model: net}, {name: b, model: wide, inputs: {x: a.p}}], outputs: {p: b.p}}",
        "expected FP32 [-1, 5], and 'a.p' is FP32 [-1, 2]"
    )]
    [InlineData(
        "{steps: [{name: a, model: net}, {name: b, model: net, inputs: {x: a.label}}], outputs: {p: b.p}}",
        "'a.label' is INT64 [-1]"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, when: max(inputs.x) > 1}], outputs: {p: a.p}}",
        "exists only for rows that took its step"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, when: inputs.x > 1}], outputs: {p: a.p}}",
        "column 10: several numbers a row can't be compared with a number"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, when: max(inputs.x)}], outputs: {p: a.p}}",
        "expected a condition, got a number"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, when: maxi(inputs.x) > 1}], outputs: {p: a.p}}",
        "there is no function 'maxi'"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, when: max(inputs.y) > 1}], outputs: {p: a.p}}",
        "there is no value 'inputs.y' here"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, when: max(inputs.x) >}], outputs: {p: a.p}}",
        "got the end"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, when: (max(inputs.x) > 1}], outputs: {p: a.p}}",
        "expected ')'"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, otherwise: b}, {name: b, model: net}], outputs: {p: a.p, q: b.p}}",
        "expected a step that has a condition"
    )]
    [InlineData(
        "{steps: [{name: a, type: softmax, input: b.label}, {name: b, model: net}], outputs: {p: a.output}}",
        "expected FP32 or FP64 numbers, several a row, got INT64 [-1]"
    )]
    [InlineData(
        "{steps: [{name: a, type: vote, of: [b.p, b.p]}, {name: b, model: net}], outputs: {p: a.output}}",
        "expected one label"
    )]
    [InlineData(
        "{steps: [{name: a, type: average, of: [b.p, c.p]}, {name: b, model: net}, {name: c, model: wide}], outputs: {p: a.output}}",
        "expected"
    )]
    [InlineData(
        "{steps: [{name: a, type: average, of: [b.p, b.p], weights: [1, 2, 3]}, {name: b, model: net}], outputs: {p: a.output}}",
        "got 3 for 2"
    )]
    [InlineData(
        "{steps: [{name: a, type: select, input: b.p, columns: [2]}, {name: b, model: net}], outputs: {p: a.output}}",
        "no column 2"
    )]
    [InlineData(
        "{steps: [{name: a, type: argmax, input: b.p, labels: [x]}, {name: b, model: net}], outputs: {p: a.output}}",
        "a label a column"
    )]
    [InlineData(
        "{steps: [{name: a, type: constant, datatype: INT64, values: [0.5]}, {name: b, model: net}], outputs: {p: a.output, q: b.p}}",
        "'0.5' is no INT64"
    )]
    [InlineData(
        "{steps: [{name: a, type: cascade, outputs: [p], stages: [{model: net}, {model: net}]}], outputs: {p: a.p}}",
        "without one no row would go on"
    )]
    [InlineData(
        "{steps: [{name: a, type: cascade, outputs: [p], stages: [{model: net, accept: max(p) > 1}, {model: net, accept: max(p) > 1}]}], outputs: {p: a.p}}",
        "the last stage answers all rows"
    )]
    [InlineData(
        "{steps: [{name: a, type: cascade, outputs: [q], stages: [{model: net, accept: max(p) > 1}, {model: net}]}], outputs: {p: a.q}}",
        "has no output 'q'"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, when: max(inputs.x) > 1}, {name: b, model: net, when: max(inputs.x) > 2}, {name: m, type: merge, first_of: [a.p, b.p]}], outputs: {p: m.output}}",
        "can't be ruled out"
    )]
    [InlineData(
        "{steps: [{name: a, model: net, when: max(inputs.x) > 1}, {name: b, model: net, otherwise: a}, {name: m, type: average, of: [a.p, b.p]}], outputs: {p: m.output}}",
        "no row can ever come here"
    )]
    [InlineData(
        "{steps: [{name: a, type: scale, input: inputs.z}], outputs: {p: a.output}}",
        "declare it under inputs"
    )]
    [InlineData(
        "{steps: [{name: a, type: modell, model: net}], outputs: {p: a.p}}",
        "did you mean 'model'?"
    )]
    [InlineData("{steps: [], outputs: {p: a.p}}", "expected a list of 1 to 64")]
    [InlineData("{outputs: {p: a.p}}", "the key 'steps' is missing")]
    [InlineData("steps: [", "no well-formed YAML")]
    public async Task What_is_wrong_is_said_with_its_place(string yaml, string expected)
    {
        var world = World();

        var (plan, errors) = await world.PlanAsync(yaml);

        Assert.Null(plan);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Matches("line [0-9]+, column [0-9]+: ", errors);
    }

    [Fact]
    public async Task A_pipeline_takes_what_its_models_take_and_its_shapes_may_be_folded()
    {
        var world = World();
        world.AddVersion(
            "image",
            world.Source.Versions[new("net", 1)].Signature with
            {
                Inputs = [PipelineWorld.Tensor("pixels", "FP32", -1, 1, 2)],
            },
            null
        );

        var (plan, errors) = await world.PlanAsync(
            """
            inputs: { extra: { datatype: INT32, shape: [] } }
            steps:
              - { name: a, model: net }
              - { name: b, model: image, inputs: { pixels: a.p } }
              - { name: c, type: scale, input: inputs.extra }
            outputs: { p: b.p, extra: c.output }
            """
        );

        Assert.True(plan is not null, errors);
        Assert.Equal(
            ["extra INT32 -1", "x FP32 -1,2"],
            plan.Signature.Inputs.Select(i => $"{i.Name} {i.Datatype} {string.Join(',', i.Shape)}")
        );
        Assert.Equal(
            ["p FP32 -1,2", "extra FP32 -1"],
            plan.Signature.Outputs.Select(o => $"{o.Name} {o.Datatype} {string.Join(',', o.Shape)}")
        );
        Assert.Equal("classification", plan.Signature.Task);
    }

    [Fact]
    public async Task A_pipeline_of_a_pipeline_and_a_model_without_rows_are_refused()
    {
        var world = World();
        await world.SaveAsync("{steps: [{name: a, model: net}], outputs: {p: a.p}}");
        world.AddVersion(
            "fixed",
            world.Source.Versions[new("net", 1)].Signature with
            {
                Inputs = [PipelineWorld.Tensor("x", "FP32", 1, 2)],
            },
            null
        );

        var nested = await Assert.ThrowsAsync<InvalidInputException>(() =>
            world.PlanAsync("{steps: [{name: a, model: pipe}], outputs: {p: a.p}}")
        );
        var (_, errors) = await world.PlanAsync(
            "{steps: [{name: a, model: fixed}], outputs: {p: a.p}}"
        );

        Assert.Contains("pipe is a pipeline", nested.Message);
        Assert.Contains("expected -1 as its first dimension", errors);
    }

    [Fact]
    public async Task Too_many_and_too_deep_steps_are_refused()
    {
        var world = World();
        string Chain(int steps) =>
            $"steps:\n{string.Concat(Enumerable.Range(0, steps).Select(i => $"- {{name: s{i}, model: net, inputs: {{x: {(i == 0 ? "inputs.x" : $"s{i - 1}.p")}}}}}\n"))}outputs: {{p: s{steps - 1}.p}}\n";

        Assert.NotNull((await world.PlanAsync(Chain(PipelineLimits.MaxDepth))).Plan);
        Assert.Contains(
            "a chain of at most 32",
            (await world.PlanAsync(Chain(PipelineLimits.MaxDepth + 1))).Errors
        );
        Assert.Contains(
            "a list of 1 to 64",
            (await world.PlanAsync(Chain(PipelineLimits.MaxSteps + 1))).Errors
        );
        Assert.Contains(
            "at most 65,536 are allowed",
            (await world.PlanAsync($"description: {new string('x', 1 << 17)}")).Errors
        );
    }

    [Theory]
    [InlineData("pipeline-cascade.yaml")]
    [InlineData("pipeline-ensemble.yaml")]
    public async Task Every_example_fits_models_as_the_training_examples_make_them(string file)
    {
        var world = new PipelineWorld();
        world.AddVersion(
            "fashion",
            new()
            {
                Inputs = [PipelineWorld.Tensor("image", "UINT8", -1, 28, 28, 1)],
                Outputs =
                [
                    PipelineWorld.Tensor("label", "INT64", -1),
                    PipelineWorld.Tensor("label_probabilities", "FP32", -1, 10),
                ],
                Task = "classification",
            },
            null
        );
        world.Source.Models["fashion"] = world.Source.Models["fashion"] with
        {
            Aliases = new Dictionary<string, int>
            {
                ["cheap"] = 1,
                ["challenger"] = 1,
                ["champion"] = 1,
            },
        };

        var (plan, errors) = await world.PlanAsync(RepositoryFiles.Example(file));

        Assert.True(plan is not null, errors);
        Assert.Equal("classification", plan.Signature.Task);
    }

    private static PipelineWorld World()
    {
        var world = new PipelineWorld();
        world.AddModel("net", 2, 2, row => row);
        world.AddModel("wide", 5, 5, row => row);
        return world;
    }
}
