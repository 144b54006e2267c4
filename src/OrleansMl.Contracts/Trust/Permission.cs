namespace OrleansMl.Contracts.Trust;

/// <summary>What a call needs and what roles give. Each route and each grain method that clients may call declares one of them.</summary>
[Flags]
public enum Permission
{
    /// <summary>Nothing: on a route, open to everybody; on a grain method, closed to every client.</summary>
    None = 0,

    /// <summary>See data sets, runs, models, policies, status and metrics.</summary>
    Read = 1,

    /// <summary>Run models.</summary>
    Predict = 2,

    /// <summary>Import data sets, submit, cancel and resume runs, run jobs.</summary>
    Train = 4,

    /// <summary>Change what is served: aliases, policies, imported models, load and unload, deletion.</summary>
    Operate = 8,

    /// <summary>Keys and the audit log.</summary>
    Administer = 16,
}
