namespace OrleansMl.Contracts.Serving;

/// <summary>What a model version is to a silo.</summary>
public enum ModelResidenceState
{
    /// <summary>In memory, and answers.</summary>
    Ready,

    /// <summary>Being loaded.</summary>
    Loading,

    /// <summary>Its last load failed; the reason says why and when it is tried again.</summary>
    Failed,
}
