namespace OrleansMl.Storage.Artifacts;

/// <summary>What a garbage collection did, or would do.</summary>
/// <param name="Examined">Artifacts in the store.</param>
/// <param name="Young">Of them, those that were stored too lately to be asked about.</param>
/// <param name="Deleted">Those that were deleted, or would be.</param>
/// <param name="DeletedBytes">Their bytes.</param>
public sealed record ArtifactCollection(long Examined, long Young, long Deleted, long DeletedBytes);
