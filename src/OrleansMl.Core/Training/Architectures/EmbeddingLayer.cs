namespace OrleansMl.Core.Training.Architectures;

/// <summary>Index N → row N×D of a learned table.</summary>
/// <param name="Count">Rows; index 0 is an unknown or missing value.</param>
/// <param name="Dimension">Width of a row.</param>
public sealed record EmbeddingLayer(int Count, int Dimension) : Layer;
