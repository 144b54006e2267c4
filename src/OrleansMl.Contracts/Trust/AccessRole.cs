namespace OrleansMl.Contracts.Trust;

/// <summary>Roles that a key or a token gives. Each has the permissions that its remarks name; docs/security.md has the table of routes.</summary>
public enum AccessRole
{
    /// <summary><see cref="Permission.Read"/>.</summary>
    Reader,

    /// <summary><see cref="Permission.Predict"/> alone: what an app needs.</summary>
    Predictor,

    /// <summary><see cref="Permission.Read"/>, <see cref="Permission.Predict"/> and <see cref="Permission.Train"/>.</summary>
    Trainer,

    /// <summary>What a trainer may, and <see cref="Permission.Operate"/>.</summary>
    Operator,

    /// <summary>All.</summary>
    Admin,
}
