namespace OrleansMl.Contracts.Training;

/// <summary>What an attempt is to do next.</summary>
[GenerateSerializer]
[Alias("oml.AttemptDirective")]
public enum AttemptDirective
{
    /// <summary>Go on.</summary>
    Continue = 0,

    /// <summary>Stop: the run was cancelled.</summary>
    Cancel = 1,

    /// <summary>Stop: a newer attempt holds the run; nothing was written.</summary>
    Stale = 2,
}
