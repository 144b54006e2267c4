using System.Runtime.InteropServices;
using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Models;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>The optimizer on any device, in tensor operations; never waits for the device.</summary>
internal sealed class TensorOptimizer : Optimizer
{
    private readonly Dictionary<string, torch.Tensor[]> _state;

    public TensorOptimizer(TrainerConfig trainer, NetworkParameters parameters)
        : base(trainer, parameters)
    {
        using var scope = torch.NewDisposeScope();
        _state = Slots.ToDictionary(
            slot => slot,
            _ =>
                Trained
                    .Select(parameter =>
                        parameter.Tensor.detach().zeros_like().DetachFromDisposeScope()
                    )
                    .ToArray()
        );
    }

    public override void Step(double rate, long number)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var gradients = Trained.Select(parameter => parameter.Tensor.grad).ToArray();
        Clip([.. gradients.OfType<torch.Tensor>()]);
        var (penalty, shrink) = Decay(rate);
        var adam = AdamStep.At(Config, rate, number);
        for (var i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is not { } gradient)
                continue;
            var weights = Trained[i].Tensor;
            if (shrink != 1)
                weights.mul_(shrink);
            if (penalty != 0)
                gradient = gradient.add(weights.mul(penalty));
            if (Config.Kind is OptimizerKind.Sgd)
                Descend(weights, gradient, i, rate);
            else
                Adam(weights, gradient, i, adam);
            weights.grad = null;
        }
    }

    public override IReadOnlyList<float[]> Read(string slot)
    {
        using var scope = torch.NewDisposeScope();
        return
        [
            .. _state[slot]
                .Select(tensor => MemoryMarshal.Cast<byte, float>(tensor.cpu().bytes).ToArray()),
        ];
    }

    public override void Write(string slot, IReadOnlyList<float[]> values)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var (tensor, value) in _state[slot].Zip(values))
            tensor.copy_(torch.tensor(value).view(tensor.shape));
    }

    public override void Dispose()
    {
        foreach (var tensor in _state.Values.SelectMany(tensors => tensors))
            tensor.Dispose();
    }

    private void Descend(torch.Tensor weights, torch.Tensor gradient, int index, double rate)
    {
        var move = gradient;
        if (Config.Momentum > 0)
        {
            var velocity = _state[Velocity][index];
            velocity.mul_(Config.Momentum).add_(gradient);
            move = Config.Nesterov ? gradient.add(velocity.mul(Config.Momentum)) : velocity;
        }
        weights.sub_(move.mul(rate));
    }

    private void Adam(torch.Tensor weights, torch.Tensor gradient, int index, AdamStep step)
    {
        var first = _state[FirstMoment][index];
        var second = _state[SecondMoment][index];
        first.mul_(step.Beta1).add_(gradient.mul(step.OneMinusBeta1));
        second.mul_(step.Beta2).addcmul_(gradient, gradient, step.OneMinusBeta2);
        var root = second.sqrt().mul_(step.InverseRootCorrection2).add_(step.Epsilon);
        weights.addcdiv_(first, root, -step.CorrectedRate);
    }

    private void Clip(torch.Tensor[] gradients)
    {
        if (Trainer.ClipValue is { } limit)
        {
            foreach (var gradient in gradients)
                gradient.clamp_(-limit, limit);
        }
        if (Trainer.ClipNorm is not { } largest || gradients.Length == 0)
            return;
        var squares = gradients
            .Select(gradient => gradient.square().sum())
            .Aggregate((sum, square) => sum + square);
        var factor = squares.sqrt().reciprocal().mul(largest).clamp_(max: 1);
        foreach (var gradient in gradients)
            gradient.mul_(factor);
    }
}
