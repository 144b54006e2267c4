namespace OrleansMl.Core.Training.Architectures;

/// <summary>Index N → N×Count zeros with a single one.</summary>
/// <param name="Count">Width; index 0 is an unknown or missing value.</param>
public sealed record OneHotLayer(int Count) : Layer;
