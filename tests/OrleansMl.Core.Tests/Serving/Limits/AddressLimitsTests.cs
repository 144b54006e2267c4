using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Core.Serving.Limits;

namespace OrleansMl.Core.Tests.Serving.Limits;

public sealed class AddressLimitsTests
{
    private readonly FakeTimeProvider _time = new();

    private AddressLimits Of(Action<LimitOptions>? change = null)
    {
        var options = new LimitOptions { AnonymousRequestsPerSecond = 1 };
        change?.Invoke(options);
        return new AddressLimits(Options.Create(options), _time);
    }

    private static int Count(AddressLimits limits, string address, int calls) =>
        Enumerable
            .Range(0, calls)
            .Count(_ => limits.Take(IPAddress.Parse(address)) == TimeSpan.Zero);

    [Fact]
    public void Each_address_has_its_own_limit()
    {
        var limits = Of();

        Assert.Equal(10, Count(limits, "192.0.2.1", 50));
        Assert.Equal(10, Count(limits, "192.0.2.2", 50));
        // The same address in another spelling.
        Assert.Equal(0, Count(limits, "::ffff:192.0.2.1", 5));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, Count(limits, "192.0.2.1", 50));
    }

    [Fact]
    public void A_network_of_64_bits_is_one_caller()
    {
        var limits = Of();

        Assert.Equal(10, Count(limits, "2001:db8::1", 50));
        Assert.Equal(0, Count(limits, "2001:db8::2", 5));
        Assert.Equal(10, Count(limits, "2001:db8:0:1::1", 50));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Loopback_is_limited_only_where_asked(string address)
    {
        Assert.Equal(50, Count(Of(), address, 50));
        Assert.Equal(10, Count(Of(o => o.LimitLoopback = true), address, 50));
        Assert.Equal(50, Count(Of(o => o.AnonymousRequestsPerSecond = 0), "192.0.2.1", 50));
    }

    [Fact]
    public void A_flood_of_addresses_costs_no_more_memory_than_its_limit()
    {
        var limits = Of(o => o.MaxAddresses = 100);
        for (var i = 0; i < 1000; i++)
            limits.Take(new IPAddress([10, 0, (byte)(i / 256), (byte)i]));

        Assert.InRange(limits.Count, 1, 101);
        // Who was quiet is forgotten, so that others find room.
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(10, Count(limits, "192.0.2.1", 50));
    }

    [Fact]
    public void Options_and_policies_that_make_no_sense_are_refused_by_key()
    {
        Assert.Empty(new LimitOptions().Problems());
        Assert.Null(new LimitOptions().DefaultPolicy());
        Assert.Contains(
            new LimitOptions { LeaseSeconds = 2 }.Problems(),
            p => p.StartsWith("LeaseSeconds", StringComparison.Ordinal)
        );
        Assert.Contains(
            new LimitOptions { DefaultRequestsPerSecond = -1 }.Problems(),
            p => p.Contains("requestsPerSecond", StringComparison.Ordinal)
        );
        var problems = LimitPolicyChecks
            .ProblemsOfModel(
                new LimitPolicy
                {
                    RequestsPerSecond = double.NaN,
                    RowBurst = 5,
                    ByteBurst = 0,
                    ConcurrentRequests = 0,
                    RowsPerMonth = -1,
                    LowPriority = true,
                }
            )
            .ToList();
        foreach (
            var key in new[]
            {
                "requestsPerSecond",
                "rowBurst",
                "byteBurst",
                "concurrentRequests",
                "rowsPerMonth",
                "lowPriority",
            }
        )
            Assert.Contains(problems, p => p.Contains(key, StringComparison.Ordinal));
    }
}
