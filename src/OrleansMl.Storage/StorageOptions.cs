using OrleansMl.Storage.Artifacts;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage;

/// <summary>The section <c>Storage</c> of a silo's configuration.</summary>
public sealed class StorageOptions
{
    /// <summary>The database.</summary>
    public DatabaseOptions Database { get; set; } = new();

    /// <summary>The artifact store.</summary>
    public ArtifactOptions Artifacts { get; set; } = new();

    /// <summary>What is wrong with these options, each error naming its key; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate() => [.. StorageOptionsCheck.Errors(this)];
}
