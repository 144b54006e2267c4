using CsCheck;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Models;
using OrleansMl.Engines.Torch.Training;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;

namespace OrleansMl.Engines.Torch.Tests.Training;

/// <summary>Both optimizers against torch's own, on the same gradients.</summary>
public sealed class OptimizerTests
{
    private const int Steps = 25;

    // 3 × 7 + 3 elements: whole vectors of 16 and a rest.
    private static readonly ModelPlan Plan = new(
        [new InputPlan("v", "v", new VectorTransform(7, new float[7], new float[7]), [], 7)],
        [new LinearLayer(7, 3)],
        3,
        []
    );

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var name in Configs.Keys)
            {
                cases.Add(name, true);
                cases.Add(name, false);
            }
            return cases;
        }
    }

    private static Dictionary<string, TrainerConfig> Configs { get; } =
        new()
        {
            ["sgd"] = Of(new() { Kind = OptimizerKind.Sgd, WeightDecay = 0.01 }),
            ["momentum"] = Of(
                new()
                {
                    Kind = OptimizerKind.Sgd,
                    Momentum = 0.9,
                    WeightDecay = 0.01,
                }
            ),
            ["nesterov"] = Of(
                new()
                {
                    Kind = OptimizerKind.Sgd,
                    Momentum = 0.9,
                    Nesterov = true,
                }
            ),
            ["adam"] = Of(new() { Kind = OptimizerKind.Adam }),
            ["adam, decay"] = Of(
                new()
                {
                    Kind = OptimizerKind.Adam,
                    WeightDecay = 0.1,
                    Beta1 = 0.8,
                    Beta2 = 0.95,
                    Epsilon = 1e-6,
                }
            ),
            ["adamw"] = Of(new() { Kind = OptimizerKind.AdamW, WeightDecay = 0.1 }),
            ["adam, norm"] = Of(new() { Kind = OptimizerKind.Adam }) with { ClipNorm = 0.5 },
            ["sgd, value"] = Of(new() { Kind = OptimizerKind.Sgd }) with { ClipValue = 0.3 },
            ["sgd, both"] = Of(new() { Kind = OptimizerKind.Sgd }) with
            {
                ClipValue = 0.3,
                ClipNorm = 0.8,
            },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Steps_are_those_of_torch(string name, bool inPlainMemory)
    {
        var trainer = Configs[name];
        using var parameters = NetworkParameters.Initialize(Plan, 5, torch.CPU);
        using Optimizer ours = inPlainMemory
            ? new SpanOptimizer(trainer, parameters)
            : new TensorOptimizer(trainer, parameters);
        using var scope = torch.NewDisposeScope();
        var theirs = parameters
            .Trained.Select(p => new Parameter(p.Tensor.detach().clone(), true))
            .ToArray();
        var torchs = Torch(trainer.Optimizer, theirs);
        var random = new Random(9);
        for (var step = 1; step <= Steps; step++)
        {
            var rate = trainer.Optimizer.LearningRate / step;
            for (var i = 0; i < theirs.Length; i++)
            {
                var values = new float[parameters.Trained[i].Spec.Elements];
                for (var j = 0; j < values.Length; j++)
                    values[j] = (random.NextSingle() - 0.5f) * 2;
                theirs[i].grad = torch.tensor(values).view(theirs[i].shape);
                parameters.Trained[i].Tensor.grad = torch.tensor(values).view(theirs[i].shape);
            }
            Clip(trainer, theirs);
            foreach (var group in torchs.ParamGroups)
                group.LearningRate = rate;
            torchs.step();
            ours.Step(rate, step);
            for (var i = 0; i < theirs.Length; i++)
            {
                var difference = (theirs[i] - parameters.Trained[i].Tensor).abs().max();
                Assert.InRange(difference.item<float>(), 0, 2e-6f);
                Assert.Null(parameters.Trained[i].Tensor.grad);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void State_that_is_read_and_written_goes_on_the_same(string name, bool inPlainMemory)
    {
        var trainer = Configs[name];
        var weights = new List<float[]>();
        foreach (var interrupted in (bool[])[false, true])
        {
            using var parameters = NetworkParameters.Initialize(Plan, 5, torch.CPU);
            var optimizer = Make();
            for (var step = 1; step <= 8; step++)
            {
                using var scope = torch.NewDisposeScope();
                foreach (var parameter in parameters.Trained)
                    parameter.Tensor.grad = torch.full(parameter.Tensor.shape, 0.1f * step);
                optimizer.Step(0.1, step);
                if (!interrupted || step != 4)
                    continue;
                var state = optimizer.Slots.ToDictionary(slot => slot, optimizer.Read);
                optimizer.Dispose();
                optimizer = Make();
                foreach (var (slot, values) in state)
                    optimizer.Write(slot, values);
            }
            optimizer.Dispose();
            weights.Add([.. parameters.ToArrays().SelectMany(array => array)]);

            Optimizer Make() =>
                inPlainMemory
                    ? new SpanOptimizer(trainer, parameters)
                    : new TensorOptimizer(trainer, parameters);
        }
        Assert.Equal(weights[0], weights[1]);
    }

    [Fact]
    public void Sums_of_squares_are_exact_to_double_precision() =>
        Gen.Float[-1e6f, 1e6f]
            .Array[0, 200]
            .Sample(values =>
            {
                var expected = values.Sum(v => (double)v * v);
                var sum = UpdateKernels.SumOfSquares(values);
                return Math.Abs(sum - expected) <= 1e-12 * expected;
            });

    [Fact]
    public void Memory_of_another_length_is_refused() =>
        Assert.Throws<ArgumentException>(() =>
            UpdateKernels.Descend(new float[3], new float[4], 0.1f, 0)
        );

    private static void Clip(TrainerConfig trainer, Parameter[] parameters)
    {
        if (trainer.ClipValue is { } value)
            torch.nn.utils.clip_grad_value_(parameters, value);
        if (trainer.ClipNorm is { } norm)
            torch.nn.utils.clip_grad_norm_(parameters, norm);
    }

    private static torch.optim.Optimizer Torch(OptimizerConfig config, Parameter[] parameters) =>
        config.Kind switch
        {
            OptimizerKind.Sgd => torch.optim.SGD(
                parameters,
                config.LearningRate,
                config.Momentum,
                weight_decay: config.WeightDecay,
                nesterov: config.Nesterov
            ),
            OptimizerKind.Adam => torch.optim.Adam(
                parameters,
                config.LearningRate,
                config.Beta1,
                config.Beta2,
                config.Epsilon,
                config.WeightDecay
            ),
            _ => torch.optim.AdamW(
                parameters,
                config.LearningRate,
                config.Beta1,
                config.Beta2,
                config.Epsilon,
                config.WeightDecay
            ),
        };

    private static TrainerConfig Of(OptimizerConfig optimizer) =>
        new() { Optimizer = optimizer with { LearningRate = 0.05 } };
}
