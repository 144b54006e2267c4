namespace OrleansMl.Core.Training.Configuration;

/// <summary>The dataset that a configuration names.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version; null for the latest at submission.</param>
public sealed record DatasetReference(string Name, int? Version)
{
    /// <summary><c>name@3</c> or <c>name@latest</c>.</summary>
    public override string ToString() => Version is { } v ? $"{Name}@{v}" : $"{Name}@latest";
}
