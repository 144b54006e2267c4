namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>What a person may do with a canary.</summary>
[GenerateSerializer]
[Alias("oml.CanaryAction")]
public enum CanaryAction
{
    /// <summary>Go to the next step now; after the last, as <see cref="Promote"/>.</summary>
    Advance = 0,

    /// <summary>Move the alias to the new version now.</summary>
    Promote = 1,

    /// <summary>Give all calls back to the old version now.</summary>
    RollBack = 2,
}
