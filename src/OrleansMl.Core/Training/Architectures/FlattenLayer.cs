namespace OrleansMl.Core.Training.Architectures;

/// <summary>N×… → N×F.</summary>
public sealed record FlattenLayer() : Layer;
