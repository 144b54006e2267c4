namespace OrleansMl.Silo.Tests.Serving;

/// <summary>An input of a model that gives it back.</summary>
internal sealed record EchoInput(string Name, string Datatype, params long[] Shape);
