namespace OrleansMl.Core.Training;

/// <summary>A lease that was lost, and why.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record LostLease(SlotLease Lease, string Reason);
