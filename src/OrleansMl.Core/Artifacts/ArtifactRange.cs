namespace OrleansMl.Core.Artifacts;

/// <summary>A part of an artifact.</summary>
/// <param name="Offset">First byte, 0 or more.</param>
/// <param name="Length">How many bytes; null to the end. A range past the end is cut there.</param>
public readonly record struct ArtifactRange(long Offset, long? Length);
