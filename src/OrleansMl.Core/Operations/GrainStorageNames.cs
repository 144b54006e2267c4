namespace OrleansMl.Core.Operations;

/// <summary>Names of the grain storage providers that a silo registers.</summary>
public static class GrainStorageNames
{
    /// <summary>Where every grain keeps its state. It must write System.Text.Json by <see cref="Contracts.ContractsJson"/>.</summary>
    public const string Default = "oml";
}
