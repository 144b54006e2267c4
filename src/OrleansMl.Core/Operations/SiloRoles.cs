namespace OrleansMl.Core.Operations;

/// <summary>What a silo does in the cluster.</summary>
public static class SiloRoles
{
    /// <summary>Answers HTTP and gRPC.</summary>
    public const string Gateway = "gateway";

    /// <summary>Loads models and predicts.</summary>
    public const string Serve = "serve";

    /// <summary>Lends compute slots.</summary>
    public const string Train = "train";

    /// <summary>All of them: the default.</summary>
    public static IReadOnlyList<string> All { get; } = [Gateway, Serve, Train];
}
