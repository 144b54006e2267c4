using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Models;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>The optimizer on the processor: works in the parameters' own memory, its state in plain arrays.</summary>
internal sealed class SpanOptimizer : Optimizer
{
    private readonly Dictionary<string, float[][]> _state;

    public SpanOptimizer(TrainerConfig trainer, NetworkParameters parameters)
        : base(trainer, parameters) =>
        _state = Slots.ToDictionary(
            slot => slot,
            _ => Trained.Select(parameter => new float[parameter.Spec.Elements]).ToArray()
        );

    public override void Step(double rate, long number)
    {
        using var scope = torch.NewDisposeScope();
        var gradients = new torch.Tensor?[Trained.Count];
        for (var i = 0; i < gradients.Length; i++)
        {
            gradients[i] = Trained[i].Tensor.grad;
            if (gradients[i] is { } gradient && !gradient.is_contiguous())
                gradients[i] = gradient.contiguous();
        }
        Clip(gradients);
        var (penalty, shrink) = Decay(rate);
        var adam = AdamStep.At(Config, rate, number);
        for (var i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is not { } gradient)
                continue;
            var weights = Floats(Trained[i].Tensor);
            switch (Config.Kind)
            {
                case OptimizerKind.Sgd when Config.Momentum == 0:
                    UpdateKernels.Descend(weights, Floats(gradient), (float)rate, (float)penalty);
                    break;
                case OptimizerKind.Sgd:
                    UpdateKernels.DescendWithMomentum(
                        weights,
                        Floats(gradient),
                        _state[Velocity][i],
                        (float)rate,
                        (float)penalty,
                        (float)Config.Momentum,
                        Config.Nesterov
                    );
                    break;
                default:
                    UpdateKernels.Adam(
                        weights,
                        Floats(gradient),
                        _state[FirstMoment][i],
                        _state[SecondMoment][i],
                        adam,
                        (float)penalty,
                        (float)shrink
                    );
                    break;
            }
            Trained[i].Tensor.grad = null;
        }
    }

    public override IReadOnlyList<float[]> Read(string slot) =>
        [.. _state[slot].Select(array => (float[])array.Clone())];

    public override void Write(string slot, IReadOnlyList<float[]> values)
    {
        foreach (var (array, value) in _state[slot].Zip(values))
            value.CopyTo(array, 0);
    }

    public override void Dispose() { }

    private void Clip(torch.Tensor?[] gradients)
    {
        if (Trainer.ClipValue is { } limit)
        {
            foreach (var gradient in gradients)
            {
                if (gradient is null)
                    continue;
                var values = Floats(gradient);
                TensorPrimitives.Clamp(values, (float)-limit, (float)limit, values);
            }
        }
        if (Trainer.ClipNorm is not { } largest)
            return;
        var sum = 0.0;
        foreach (var gradient in gradients)
            sum += gradient is null ? 0 : UpdateKernels.SumOfSquares(Floats(gradient));
        var norm = Math.Sqrt(sum);
        if (norm <= largest)
            return;
        foreach (var gradient in gradients)
        {
            if (gradient is null)
                continue;
            var values = Floats(gradient);
            TensorPrimitives.Multiply(values, (float)(largest / norm), values);
        }
    }

    private static Span<float> Floats(torch.Tensor tensor) =>
        MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
