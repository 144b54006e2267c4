namespace OrleansMl.Storage.Operations;

/// <summary>Whether the database answered.</summary>
/// <param name="Available">Whether it did.</param>
/// <param name="Detail">Why not, without secrets; empty when it did.</param>
/// <param name="Elapsed">How long the answer took.</param>
public sealed record DatabaseStatus(bool Available, string Detail, TimeSpan Elapsed);
