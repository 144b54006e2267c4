namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>What a prediction's outcome is; more is better.</summary>
[GenerateSerializer]
[Alias("oml.OutcomeKind")]
public enum OutcomeKind
{
    /// <summary>0, it went wrong, or 1, it went right.</summary>
    Binary = 0,

    /// <summary>Any finite number, for example money earned.</summary>
    Number = 1,
}
