namespace OrleansMl.Core.Training;

/// <summary>Times of leasing.</summary>
/// <param name="Expiry">A lease not renewed for so long is lost, and a silo not heard from for so long gets no work.</param>
/// <param name="IdleGrace">A slot may report itself idle for so long after it was leased, because its report crossed with the start.</param>
public sealed record SlotLeasingRules(TimeSpan Expiry, TimeSpan IdleGrace);
