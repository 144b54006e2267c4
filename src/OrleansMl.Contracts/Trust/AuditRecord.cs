namespace OrleansMl.Contracts.Trust;

/// <summary>One line of the audit log.</summary>
public sealed record AuditRecord
{
    /// <summary>Its place in the log, from 1, growing.</summary>
    public required long Id { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who: a key's or token's name, <c>local</c> for a caller over loopback, <c>system</c> for the cluster itself.</summary>
    public required string Actor { get; init; }

    /// <summary>What, for example <c>model.alias.move</c>.</summary>
    public required string Action { get; init; }

    /// <summary>On what, for example <c>model/fashion</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>How far it went.</summary>
    public required AuditOutcome Outcome { get; init; }

    /// <summary>What a reader needs to know beside that; may be empty.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Where the call came from: an address, or a silo.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Joins the records of one request.</summary>
    public required string Request { get; init; }
}
