namespace OrleansMl.Core.Serving.Events;

/// <summary>The right to consume a partition for a group, until another takes it: what an older lease commits is refused.</summary>
/// <param name="Group">The group.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Member">Who has it.</param>
/// <param name="Fence">Counts the owners.</param>
public sealed record PartitionLease(GroupId Group, int Partition, string Member, long Fence);
