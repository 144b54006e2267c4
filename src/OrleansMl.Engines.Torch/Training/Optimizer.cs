using OrleansMl.Core.Training.Configuration;
using OrleansMl.Engines.Torch.Models;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>Changes the trained parameters by their gradients. Which step it is and the rate are given, so its only state is what <see cref="Slots"/> names.</summary>
internal abstract class Optimizer : IDisposable
{
    /// <summary>Adam's first moment.</summary>
    public const string FirstMoment = "first_moment";

    /// <summary>Adam's second moment.</summary>
    public const string SecondMoment = "second_moment";

    /// <summary>SGD's velocity.</summary>
    public const string Velocity = "velocity";

    private protected Optimizer(TrainerConfig trainer, NetworkParameters parameters)
    {
        Trainer = trainer;
        Config = trainer.Optimizer;
        Trained = parameters.Trained;
        Slots = Config.Kind switch
        {
            OptimizerKind.Adam or OptimizerKind.AdamW => [FirstMoment, SecondMoment],
            _ when Config.Momentum > 0 => [Velocity],
            _ => [],
        };
    }

    /// <summary>Its arrays' names; each has the trained parameters' shapes.</summary>
    public IReadOnlyList<string> Slots { get; }

    /// <summary>Clipping.</summary>
    protected TrainerConfig Trainer { get; }

    /// <summary>The rule.</summary>
    protected OptimizerConfig Config { get; }

    /// <summary>What it changes.</summary>
    protected IReadOnlyList<NetworkParameter> Trained { get; }

    /// <summary>Makes the fastest one for a device.</summary>
    public static Optimizer Create(
        TrainerConfig trainer,
        NetworkParameters parameters,
        torch.Device device
    ) =>
        device.type == DeviceType.CPU
            ? new SpanOptimizer(trainer, parameters)
            : new TensorOptimizer(trainer, parameters);

    /// <summary>Clips the gradients, changes the parameters and drops the gradients.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="number">The step, from 1.</param>
    public abstract void Step(double rate, long number);

    /// <summary>A slot's values, an array a trained parameter.</summary>
    public abstract IReadOnlyList<float[]> Read(string slot);

    /// <summary>Overwrites a slot.</summary>
    public abstract void Write(string slot, IReadOnlyList<float[]> values);

    public abstract void Dispose();

    /// <summary>Weight decay as it enters: a penalty in the gradient, or a factor on the weights (AdamW).</summary>
    protected (double Penalty, double Shrink) Decay(double rate) =>
        Config.Kind is OptimizerKind.AdamW
            ? (0, 1 - (rate * Config.WeightDecay))
            : (Config.WeightDecay, 1);
}
