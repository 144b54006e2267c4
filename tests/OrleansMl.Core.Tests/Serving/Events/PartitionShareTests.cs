using CsCheck;
using OrleansMl.Core.Serving.Events;

namespace OrleansMl.Core.Tests.Serving.Events;

public sealed class PartitionShareTests
{
    [Fact]
    public void Whatever_the_start_two_turns_of_all_members_leave_every_partition_with_one_evenly() =>
        Gen.Select(Gen.Int[1, 64], Gen.Int[1, 12], Gen.Int[0, 15].Array[64])
            .Sample(
                (partitions, members, start) =>
                {
                    var names = Enumerable.Range(0, members).Select(i => $"m{i}").ToList();
                    // Owners beyond the members are dead, or nobody.
                    var owners = Enumerable
                        .Range(0, partitions)
                        .Select(p => start[p] < members ? names[start[p]] : null)
                        .ToArray();
                    for (var turn = 0; turn < 2; turn++)
                    {
                        foreach (var name in names)
                        {
                            var mine = PartitionShare.Of(name, names, owners);
                            for (var p = 0; p < partitions; p++)
                            {
                                if (mine.Contains(p))
                                {
                                    Assert.True(owners[p] is null || owners[p] == name);
                                    owners[p] = name;
                                }
                                else if (owners[p] == name)
                                    owners[p] = null;
                            }
                        }
                    }
                    Assert.All(owners, Assert.NotNull);
                    var counts = names.Select(name => owners.Count(o => o == name)).ToList();
                    Assert.True(counts.Max() - counts.Min() <= 1);
                },
                writeLine: TestContext.Current.TestOutputHelper!.WriteLine
            );

    [Fact]
    public void A_member_that_has_its_share_keeps_what_it_has() =>
        Assert.Equal([1, 3], PartitionShare.Of("b", ["a", "b"], ["a", "b", "a", "b"]));

    [Fact]
    public void Whoever_is_no_member_has_nothing() =>
        Assert.Empty(PartitionShare.Of("c", ["a", "b"], [null, null]));
}
