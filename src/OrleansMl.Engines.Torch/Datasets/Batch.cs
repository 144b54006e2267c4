using TorchSharp;

namespace OrleansMl.Engines.Torch.Datasets;

/// <summary>Rows on their way through the network.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Features">A tensor a group: image float N×H×W×C, category int64 N, dense float N×W.</param>
/// <param name="Targets">A tensor a head: category int64 N, binary float N, number float N, scaled.</param>
internal sealed record Batch(
    int Rows,
    IReadOnlyList<torch.Tensor> Features,
    IReadOnlyList<torch.Tensor> Targets
) : IDisposable
{
    public void Dispose()
    {
        foreach (var tensor in Features.Concat(Targets))
            tensor.Dispose();
    }

    /// <summary>The batch on another device; itself on the processor.</summary>
    public Batch To(torch.Device device) =>
        device.type == DeviceType.CPU
            ? this
            : new Batch(
                Rows,
                [.. Features.Select(tensor => tensor.to(device))],
                [.. Targets.Select(tensor => tensor.to(device))]
            );
}
