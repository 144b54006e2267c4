namespace OrleansMl.Gateway.Training;

/// <summary>A run submitted as JSON.</summary>
internal sealed record SubmitRunRequest
{
    /// <summary>The configuration, YAML.</summary>
    public required string Config { get; init; }

    /// <summary>The run's id.</summary>
    public string? RunId { get; init; }
}
