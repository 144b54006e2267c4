using System.Globalization;
using OrleansMl.Contracts;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Training;

/// <summary>Finds the device that a slot names.</summary>
internal static class TrainingDevice
{
    /// <summary>The device of <c>cpu:0</c> or <c>cuda:1</c>.</summary>
    /// <exception cref="InvalidInputException">There is no such device.</exception>
    public static torch.Device Find(string name)
    {
        var parts = name.Split(':');
        if (
            parts is not [var kind, var number]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        )
            throw new InvalidInputException(
                $"The device '{name}' is unknown; expected cpu:0, cuda:0, cuda:1, …"
            );
        // The processor is one device to torch, whatever slots a silo makes of it.
        if (kind == "cpu")
            return torch.CPU;
        if (kind != "cuda" || !torch.cuda.is_available() || index >= torch.cuda.device_count())
            throw new InvalidInputException(
                $"The device '{name}' isn't here: {(torch.cuda.is_available() ? $"there are {torch.cuda.device_count()} CUDA devices" : "no CUDA device is usable")}. A build with -p:Accelerator=cuda on a machine with an NVIDIA driver has them."
            );
        return torch.device(DeviceType.CUDA, index);
    }
}
