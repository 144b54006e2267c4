using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Limits;

namespace OrleansMl.Core.Tests.Serving.Limits;

public sealed class LimitPolicyTests
{
    private static T Example<T>(string file)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "OrleansMl.sln")))
            root = Path.GetDirectoryName(root)!;
        return JsonSerializer.Deserialize<T>(
            File.ReadAllText(Path.Combine(root, "examples", file)),
            ContractsJson.Options
        )!;
    }

    [Fact]
    public void The_examples_are_read_and_allowed()
    {
        var policy = Example<ServingPolicy>("serving-limits.json");
        Assert.Empty(ServingPolicyChecks.Problems(policy));
        Assert.Equal(200, policy.Limits!.RequestsPerSecond);

        var key = Example<KeyLimitRequest>("key-limits.json");
        Assert.Empty(LimitPolicyChecks.Problems(key.Limits));
        Assert.Equal(16, key.Limits!.ConcurrentRequests);
    }

    [Fact]
    public void A_ledger_is_the_same_after_it_was_written_and_read()
    {
        var (ledger, grant) = UsageLedgers.Apply(
            new UsageLedger(),
            new UsageReport
            {
                Instance = "a",
                Number = 7,
                Used = new UsageCounts { Requests = 3, Refused = 1 },
                WantedRequests = 10,
            },
            new LimitPolicy { RequestsPerDay = 100 },
            new DateTimeOffset(2026, 2, 28, 23, 59, 0, TimeSpan.Zero),
            TimeSpan.FromMinutes(2)
        );

        var read = JsonSerializer.Deserialize<UsageLedger>(
            JsonSerializer.Serialize(ledger, ContractsJson.Options),
            ContractsJson.Options
        )!;

        Assert.Equal(ledger.Day, read.Day);
        Assert.Equal(ledger.Today, read.Today);
        Assert.Equal(ledger.Holdings.Single(), read.Holdings.Single());
        Assert.Equal(grant, read.Holdings.Single().Grant);
    }
}
