using OrleansMl.Gateway.Sockets;

namespace OrleansMl.Gateway.Tests.Sockets;

public sealed class LoopPatienceTests
{
    [Fact]
    public void It_looks_each_time_while_that_pays()
    {
        var patience = new LoopPatience();
        for (var now = 0L; now < 100; now++)
        {
            Assert.True(patience.Begin(now));
            patience.Paid();
        }
    }

    [Fact]
    public void It_looks_for_as_long_as_it_says()
    {
        var patience = new LoopPatience();

        Assert.True(patience.Begin(7));

        Assert.True(patience.Lasts(7 + LoopPatience.Longest - 1));
        Assert.False(patience.Lasts(7 + LoopPatience.Longest));
    }

    [Fact]
    public void In_vain_it_looks_ever_more_rarely_down_to_one_time_in_64()
    {
        var patience = new LoopPatience();

        var gaps = new int[9];
        for (var i = 0; i < gaps.Length; i++)
            gaps[i] = SleepsBeforeALookInVain(ref patience);

        Assert.Equal([0, 1, 3, 7, 15, 31, 63, 63, 63], gaps);
    }

    [Fact]
    public void One_event_in_time_makes_it_look_each_time_again()
    {
        var patience = new LoopPatience();
        for (var i = 0; i < 9; i++)
            SleepsBeforeALookInVain(ref patience);
        while (!patience.Begin(0)) { }

        patience.Paid();

        Assert.True(patience.Begin(0));
    }

    private static int SleepsBeforeALookInVain(ref LoopPatience patience)
    {
        var sleeps = 0;
        while (!patience.Begin(0))
            sleeps++;
        Assert.False(patience.Lasts(LoopPatience.Longest));
        return sleeps;
    }
}
