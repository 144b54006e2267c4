namespace OrleansMl.Core.Trust;

/// <summary>A secret of the cluster.</summary>
/// <param name="Id">Its name, which tokens carry.</param>
/// <param name="Secret">32 random bytes.</param>
/// <param name="CreatedAt">When it was made, by the clock of the silo that made it.</param>
public sealed record ClusterKey(string Id, ReadOnlyMemory<byte> Secret, DateTimeOffset CreatedAt);
