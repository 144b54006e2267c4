using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Tests.Training.Configuration;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("chanels", "channels")]
    [InlineData("Channels", "channels")]
    [InlineData("cahnnels", "channels")]
    [InlineData("drop_out", "dropout")]
    [InlineData("zzzzzzzz", null)]
    [InlineData("x", null)]
    public void The_nearest_name_is_found_when_one_is_near(string text, string? expected) =>
        Assert.Equal(expected, NearestName.Find(text, ["channels", "dropout", "hidden"]));

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "acb", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance_counts_edits_and_swaps(string a, string b, int expected) =>
        Assert.Equal(expected, NearestName.Distance(a, b));
}
