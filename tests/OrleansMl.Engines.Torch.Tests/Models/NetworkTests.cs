using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Onnx;
using OrleansMl.Engines.Torch.Datasets;
using OrleansMl.Engines.Torch.Models;
using OrleansMl.Engines.Torch.Tests.Export;
using OrleansMl.Engines.Torch.Training;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Tests.Models;

public sealed class NetworkTests
{
    public static TheoryData<string> PlanNames => [.. Plans.All.Keys];

    [Theory]
    [MemberData(nameof(PlanNames))]
    public void Every_architecture_gives_the_same_in_onnx_runtime(string name)
    {
        var plan = Plans.All[name];
        var folder = Directory.CreateTempSubdirectory("oml-parity-");
        try
        {
            using var services = new ServiceCollection()
                .AddLogging()
                .AddOnnxEngine()
                .BuildServiceProvider();
            var engine = services.GetRequiredService<IInferenceEngine>();
            for (var seed = 1; seed <= 5; seed++)
            {
                using var parameters = NetworkParameters.Initialize(plan, seed, torch.CPU);
                parameters.Set([
                    .. RandomParameters.Of(plan, seed).Select(p => p.Values.ToArray()),
                ]);
                var files = new ModelFiles(folder.FullName);
                files.Write(
                    new Network(plan, parameters),
                    PlanTables.Of(plan, 40, seed),
                    torch.CPU
                );
                using var session = engine.Load(files.OnnxPath, PlanSignature.Of(plan));
                Assert.InRange(
                    GoldenCheck.Verify(session, GoldenSample.Read(files.GoldenPath)),
                    0,
                    GoldenCheck.Tolerance
                );
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(PlanNames))]
    public void Every_architecture_learns_random_rows_by_heart(string name)
    {
        var plan = Plans.All[name];
        var tables = PlanTables.Of(plan, 12, seed: 3);
        using var parameters = NetworkParameters.Initialize(plan, 3, torch.CPU);
        var network = new Network(plan, parameters);
        using var loss = new HeadLoss(plan.Heads, torch.CPU);
        using var optimizer = Optimizer.Create(
            new TrainerConfig { Optimizer = new OptimizerConfig { LearningRate = 0.01 } },
            parameters,
            torch.CPU
        );
        using var batches = new BatchAssembler(tables.Train, plan);
        var rows = Enumerable.Range(0, 12).ToArray();
        var before = parameters.ToArrays();
        var losses = new List<float>();
        for (var step = 1; step <= 60; step++)
        {
            using var scope = torch.NewDisposeScope();
            var batch = batches.Assemble(rows);
            var value = loss.Of(network.Forward(batch, training: true), batch);
            value.backward();
            optimizer.Step(0.01, step);
            losses.Add(value.item<float>());
        }
        Assert.All(losses, value => Assert.True(float.IsFinite(value)));
        Assert.True(losses[^5..].Average() < losses[0], $"{losses[0]} → {losses[^1]}");
        Assert.All(
            parameters.All.Zip(before),
            pair =>
                Assert.False(pair.First.ToArray().SequenceEqual(pair.Second), pair.First.Spec.Name)
        );
    }

    [Theory]
    [MemberData(nameof(PlanNames))]
    public void The_state_has_the_names_and_shapes_of_the_plan_and_comes_from_the_seed(string name)
    {
        var plan = Plans.All[name];
        using var one = NetworkParameters.Initialize(plan, 7, torch.CPU);
        using var same = NetworkParameters.Initialize(plan, 7, torch.CPU);
        using var other = NetworkParameters.Initialize(plan, 8, torch.CPU);
        Assert.Equal(ParameterNames.Of(plan).Select(s => s.Name), one.All.Select(p => p.Spec.Name));
        Assert.All(one.All, p => Assert.Equal(p.Spec.Shape, p.Tensor.shape));
        Assert.All(one.All, p => Assert.Equal(p.Spec.Trained, p.Tensor.requires_grad));
        Assert.Equal(one.ToArrays(), same.ToArrays());
        Assert.NotEqual(one.ToArrays(), other.ToArrays());
    }

    [Fact]
    public void First_weights_are_torchs_own_for_a_linear_layer_and_a_convolution()
    {
        using var scope = torch.NewDisposeScope();
        var plan = Plans.All["cnn"];
        using var parameters = NetworkParameters.Initialize(plan, 11, torch.CPU);
        // Uniform within ±1/√inputs: 9 inputs here, 24 of the linear layer.
        Assert.InRange(Largest("inputs.image.encoder.0.weight"), 0.25, 1 / 3.0);
        Assert.InRange(Largest("inputs.image.encoder.6.weight"), 0.18, 1 / Math.Sqrt(24));

        double Largest(string name) => parameters[name].abs().max().item<float>();
    }

    [Fact]
    public void Pooling_before_relu_changes_neither_values_nor_gradients()
    {
        Layer[] before = [new ActivationLayer(ActivationKind.Relu), new MaxPool2dLayer(2, 2)];
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(1);
        var pixels = torch.randn(3, 4, 8, 8);
        var reordered = pixels.clone().requires_grad_();
        var plain = pixels.clone().requires_grad_();
        using var parameters = NetworkParameters.Initialize(Plans.All["cnn"], 1, torch.CPU);
        var ours = new LayerCompiler(parameters).Compile("list", before)(reordered, true);
        var torchs = torch.nn.functional.max_pool2d(plain.relu(), 2);
        ours.square().sum().backward();
        torchs.square().sum().backward();
        Assert.True(ours.equal(torchs).all().item<bool>());
        Assert.True(reordered.grad!.equal(plain.grad!).all().item<bool>());
    }

    [Fact]
    public void An_activation_never_overwrites_a_value_that_a_shortcut_still_needs()
    {
        ModelPlan plan = new(
            [new InputPlan("v", "v", new VectorTransform(3, [0, 0, 0], [1, 1, 1]), [], 3)],
            [new ResidualLayer([new ActivationLayer(ActivationKind.Relu)], [])],
            3,
            [
                new HeadPlan
                {
                    Name = "y",
                    Column = "y",
                    Type = FeatureType.Number,
                    Loss = LossKind.MeanSquared,
                    Layers = [],
                },
            ]
        );
        using var scope = torch.NewDisposeScope();
        using var parameters = NetworkParameters.Initialize(plan, 1, torch.CPU);
        var x = torch.tensor(new float[] { -2, 0, 3 }).view(1, 3);
        var y = new Network(plan, parameters).Forward(new Batch(1, [x], []), training: false)[0];
        Assert.Equal([-2f, 0, 6], y.data<float>().ToArray());
        Assert.Equal([-2f, 0, 3], x.data<float>().ToArray());
    }
}
