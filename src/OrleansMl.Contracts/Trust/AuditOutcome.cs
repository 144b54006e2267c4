namespace OrleansMl.Contracts.Trust;

/// <summary>How far a recorded act went.</summary>
public enum AuditOutcome
{
    /// <summary>It was asked for; written before anything changes. Without a later record of the same request, nobody knows how it ended.</summary>
    Asked,

    /// <summary>It was done.</summary>
    Done,

    /// <summary>It was refused; nothing changed.</summary>
    Refused,

    /// <summary>It failed; it may have been done.</summary>
    Failed,
}
