using CsCheck;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Core.Serving.Limits;

namespace OrleansMl.Core.Tests.Serving.Limits;

public sealed class UsageLedgersTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 30, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(80);

    private static UsageReport Report(string silo, long number, long used, long wanted) =>
        new()
        {
            Instance = silo,
            Number = number,
            Day = DateOnly.FromDateTime(Start.UtcDateTime),
            Used = new UsageCounts { Requests = used },
            WantedRequests = wanted,
            NeededRequests = wanted > 0 ? 1 : 0,
        };

    private sealed class Silo(string name)
    {
        public string Name { get; set; } = name;

        public long Number { get; set; }

        public long Left { get; set; }

        public DateOnly Day { get; set; }

        public long Unreported { get; set; }
    }

    [Fact]
    public void Whatever_silos_are_killed_and_whatever_answers_are_lost_no_more_is_let_through_than_the_quotas() =>
        Gen.Select(
                Gen.Long[0, 200],
                Gen.Long[0, 400],
                Gen.Select(
                    Gen.Int[0, 2],
                    Gen.Int[0, 40],
                    Gen.Int[0, 60],
                    Gen.Int[0, 9],
                    Gen.Int[0, 20_000]
                ).Array[1, 200]
            )
            .Sample(
                (perDay, perMonth, steps) =>
                {
                    var policy = new LimitPolicy
                    {
                        RequestsPerDay = perDay,
                        RequestsPerMonth = perMonth,
                    };
                    var ledger = new UsageLedger();
                    var silos = new[] { new Silo("a"), new Silo("b"), new Silo("c") };
                    var days = new Dictionary<DateOnly, long>();
                    var now = Start;
                    var deaths = 0;
                    foreach (var (who, use, want, luck, pause) in steps)
                    {
                        now = now.AddSeconds(pause);
                        var silo = silos[who];
                        var today = DateOnly.FromDateTime(now.UtcDateTime);
                        if (luck == 0)
                        {
                            // Killed: what it had set aside and what it had not told is lost.
                            silos[who] = new Silo($"{silo.Name}{deaths++}");
                            continue;
                        }
                        var returned = 0L;
                        var day = silo.Day;
                        if (silo.Day != today)
                        {
                            (returned, silo.Left) = (silo.Left, 0);
                        }
                        else
                        {
                            var through = Math.Min(use, silo.Left);
                            silo.Left -= through;
                            silo.Unreported += through;
                            days[today] = days.GetValueOrDefault(today) + through;
                        }
                        var report = new UsageReport
                        {
                            Instance = silo.Name,
                            Number = ++silo.Number,
                            Day = day,
                            Used = new UsageCounts { Requests = silo.Unreported },
                            ReturnedRequests = returned,
                            WantedRequests = want,
                            NeededRequests = Math.Min(1, want),
                        };
                        silo.Unreported = 0;
                        var (next, grant) = UsageLedgers.Apply(
                            ledger,
                            report,
                            policy,
                            now,
                            LostAfter
                        );
                        ledger = next;
                        if (luck == 1)
                        {
                            // The answer was lost: the same is asked again, and nothing is granted twice.
                            var (again, repeated) = UsageLedgers.Apply(
                                ledger,
                                report,
                                policy,
                                now,
                                LostAfter
                            );
                            Assert.Equal(grant, repeated);
                            ledger = again;
                        }
                        silo.Left += grant.Requests;
                        silo.Day = grant.Day;
                    }
                    var months = days.GroupBy(
                        pair => (pair.Key.Year, pair.Key.Month),
                        pair => pair.Value
                    );
                    return days.Values.All(count => count <= perDay)
                        && months.All(month => month.Sum() <= perMonth);
                },
                iter: 1000
            );

    [Fact]
    public void All_of_a_quota_can_be_used()
    {
        var policy = new LimitPolicy { RequestsPerDay = 100 };
        var ledger = new UsageLedger();
        var used = 0L;
        for (var number = 1; ; number++)
        {
            var (next, grant) = UsageLedgers.Apply(
                ledger,
                Report("a", number, number == 1 ? 0 : used, 40) with
                {
                    Used = new UsageCounts { Requests = ledger.Holdings.Sum(h => h.Requests) },
                },
                policy,
                Start,
                LostAfter
            );
            ledger = next;
            used += grant.Requests;
            if (grant.Requests == 0)
            {
                Assert.Equal("requestsPerDay", grant.Exhausted);
                Assert.Equal(TimeSpan.FromHours(12).TotalSeconds, grant.ExhaustedSeconds);
                break;
            }
        }
        Assert.Equal(100, used);
    }

    [Fact]
    public void What_a_lost_silo_had_set_aside_counts_as_used()
    {
        var policy = new LimitPolicy { RequestsPerDay = 100 };
        var (ledger, grant) = UsageLedgers.Apply(
            new UsageLedger(),
            Report("a", 1, 0, 30),
            policy,
            Start,
            LostAfter
        );
        Assert.Equal(30, grant.Requests);

        (ledger, _) = UsageLedgers.Apply(
            ledger,
            Report("b", 1, 0, 1),
            policy,
            Start.AddMinutes(2),
            LostAfter
        );

        Assert.Equal(30, ledger.Today.LostRequests);
        Assert.Equal("b", Assert.Single(ledger.Holdings).Instance);
        Assert.Equal(69, UsageLedgers.Rest(ledger, policy).RequestsToday);
    }

    [Fact]
    public void A_new_day_and_a_new_month_begin_with_nothing_used()
    {
        var policy = new LimitPolicy { RequestsPerDay = 100, RequestsPerMonth = 1000 };
        var (ledger, _) = UsageLedgers.Apply(
            new UsageLedger(),
            Report("a", 1, 7, 0),
            policy,
            Start,
            LostAfter
        );

        var tomorrow = UsageLedgers.Roll(ledger, Start.AddDays(1));
        Assert.Equal(0, tomorrow.Today.Requests);
        Assert.Equal(7, tomorrow.Month.Requests);
        Assert.Equal(0, UsageLedgers.Roll(ledger, Start.AddDays(2)).Month.Requests);
        // A clock that is set back takes nothing away.
        Assert.Equal(tomorrow, UsageLedgers.Roll(tomorrow, Start));
    }
}
