using System.Runtime.InteropServices;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Core.Training.Safetensors;
using OrleansMl.Core.Training.Schedules;
using OrleansMl.Engines.Torch.Models;
using TorchSharp;

namespace OrleansMl.Benchmarks.Training;

/// <summary>
/// Our first weights and orders of rows in files that the peer reads, so that both sides of a time to accuracy take the
/// same steps and need the same epochs: what differs is how long these take, not how lucky a seed was.
/// </summary>
internal static class SharedStart
{
    /// <summary>Writes <c>weights.safetensors</c> and <c>orders.i32</c>, epoch after epoch.</summary>
    public static void Write(
        string folder,
        string model,
        int epochs,
        int seed,
        FashionMnist dataset
    )
    {
        var plan = TrainingPlanner.Plan(
            TrainingModels.Config(model, $"seed: {seed}"),
            dataset.Manifest
        );
        using var parameters = NetworkParameters.Initialize(plan.Model, seed, torch.CPU);
        new SafetensorsFile([
            .. parameters.All.Select(parameter =>
                SafetensorsTensor.Of(parameter.Spec.Name, parameter.Spec.Shape, parameter.ToArray())
            ),
        ]).Write(Path.Combine(folder, "weights.safetensors"));
        using var file = File.Create(Path.Combine(folder, "orders.i32"));
        var order = new int[dataset.Manifest.Statistics[0].Rows];
        for (var epoch = 1; epoch <= epochs; epoch++)
        {
            EpochOrder.Write(seed, epoch, order);
            file.Write(MemoryMarshal.AsBytes(order.AsSpan()));
        }
    }
}
