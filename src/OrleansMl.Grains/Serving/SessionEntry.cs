namespace OrleansMl.Grains.Serving;

/// <summary>What a silo knows of a version that it loads, has, or failed to load. Guarded by the sessions' gate.</summary>
internal sealed class SessionEntry
{
    public Task<LoadedModel>? Load { get; set; }

    public LoadedModel? Model { get; set; }

    /// <summary>Memory that it counts for, from before it is loaded.</summary>
    public long Bytes { get; set; }

    public int Failures { get; set; }

    public DateTimeOffset RetryAt { get; set; }

    public string Error { get; set; } = "";
}
