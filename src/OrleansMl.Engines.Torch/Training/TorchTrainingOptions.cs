namespace OrleansMl.Engines.Torch.Training;

/// <summary>Limits of training in one process.</summary>
public sealed record TorchTrainingOptions
{
    /// <summary>Largest share of the memory that the process may use (a container's limit counts) for the dataset's rows, which are kept in memory; the rest is for the network, its gradients and its activations. Default 0.6; above 0, at most 1.</summary>
    public double DatasetMemoryShare { get; init; } = 0.6;

    /// <summary>Checks the values.</summary>
    /// <exception cref="InvalidOperationException">One is outside its range; the message names it.</exception>
    public void Validate()
    {
        if (DatasetMemoryShare is not (> 0 and <= 1))
            throw new InvalidOperationException(
                $"{nameof(TorchTrainingOptions)}.{nameof(DatasetMemoryShare)} must be above 0 and at most 1, got {DatasetMemoryShare}."
            );
    }
}
