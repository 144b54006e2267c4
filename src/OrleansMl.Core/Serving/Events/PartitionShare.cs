namespace OrleansMl.Core.Serving.Events;

/// <summary>How the partitions of a group are shared by its members: evenly, and as far as possible as they are.</summary>
public static class PartitionShare
{
    /// <summary>What a member is to hold now: what it has, up to its share, and then what no living member has.</summary>
    /// <param name="member">The member.</param>
    /// <param name="members">All living members, it included.</param>
    /// <param name="owners">By partition: the living owner; null: none.</param>
    /// <returns>Partitions, ascending.</returns>
    public static IReadOnlyList<int> Of(
        string member,
        IReadOnlyCollection<string> members,
        IReadOnlyList<string?> owners
    )
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(owners);
        var sorted = members.Order(StringComparer.Ordinal).ToList();
        var rank = sorted.IndexOf(member);
        if (rank < 0)
            return [];
        var share = owners.Count / sorted.Count + (rank < owners.Count % sorted.Count ? 1 : 0);
        var held = Enumerable.Range(0, owners.Count).Where(p => owners[p] == member).Take(share);
        var free = Enumerable.Range(0, owners.Count).Where(p => owners[p] is null);
        return [.. held.Concat(free).Take(share).Order()];
    }
}
