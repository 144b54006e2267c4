namespace OrleansMl.Core.Training.Configuration;

/// <summary>Where to train.</summary>
public sealed record ComputeConfig
{
    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Accelerator { get; init; } = "cpu";

    /// <summary>Labels that the slot's silo must have.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } =
        new Dictionary<string, string>();

    /// <summary>Attempts that may fail before the run does.</summary>
    public int MaxAttempts { get; init; } = 3;
}
