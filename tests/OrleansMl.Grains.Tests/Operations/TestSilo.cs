namespace OrleansMl.Grains.Tests.Operations;

/// <summary>A silo of a test.</summary>
internal sealed record TestSilo(string Roles, string[] Devices);
