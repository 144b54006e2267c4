namespace OrleansMl.Storage.Operations;

/// <summary>A step of the schema.</summary>
/// <param name="Version">Its number, from 1.</param>
/// <param name="Name">What it is about.</param>
/// <param name="Sql">Its statements.</param>
/// <param name="Sha256">Their digest: an applied migration never changes.</param>
internal sealed record SqlMigration(int Version, string Name, string Sql, string Sha256);
