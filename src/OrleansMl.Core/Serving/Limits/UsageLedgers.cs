using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Core.Serving.Limits;

/// <summary>
/// The rules of counts and quotas. Silos set requests aside before they let them through, so that used and set aside together never
/// pass a quota, whatever silo is lost: what it had set aside counts as used. Pure.
/// </summary>
public static class UsageLedgers
{
    /// <summary>Takes a report.</summary>
    /// <param name="ledger">The counts so far.</param>
    /// <param name="report">What a silo used and needs; a number that was taken already changes nothing.</param>
    /// <param name="policy">The limits.</param>
    /// <param name="now">The time.</param>
    /// <param name="lostAfter">After so long without a report a silo is taken for lost.</param>
    public static (UsageLedger Ledger, UsageGrant Grant) Apply(
        UsageLedger ledger,
        UsageReport report,
        LimitPolicy policy,
        DateTimeOffset now,
        TimeSpan lostAfter
    )
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(policy);
        ledger = Fold(Roll(ledger, now), report.Instance, now - lostAfter);
        var today = ledger.Day;
        var held = ledger.Holdings.FirstOrDefault(h => h.Instance == report.Instance);
        if (held is not null && report.Number <= held.Number)
            return (ledger, held.Grant);
        var day = report.Day == default ? today : report.Day;
        if (day == today)
            ledger = ledger with { Today = Add(ledger.Today, report.Used) };
        if (IsSameMonth(day, today))
            ledger = ledger with { Month = Add(ledger.Month, report.Used) };
        // What is left of another day counts against this one too, until the silo has given it back: too little rather than too much.
        var mine = new UsageHolding
        {
            Instance = report.Instance,
            Number = report.Number,
            Day = today,
            Requests = Left(held?.Requests, report.Used.Requests, report.ReturnedRequests),
            Rows = Left(held?.Rows, report.Used.Rows, report.ReturnedRows),
            Grant = new UsageGrant { Day = today },
            SeenAt = now,
        };
        var others = ledger.Holdings.Where(h => h.Instance != report.Instance).ToList();
        ledger = ledger with { Holdings = [.. others, mine] };
        var rest = Rest(ledger, policy);
        var requests = Grant(
            report.WantedRequests,
            report.NeededRequests,
            Least(rest.RequestsToday, rest.RequestsThisMonth),
            ledger.Holdings.Count
        );
        var rows = Grant(
            report.WantedRows,
            report.NeededRows,
            Least(rest.RowsToday, rest.RowsThisMonth),
            ledger.Holdings.Count
        );
        var (exhausted, seconds) = Exhausted(report, rest, now);
        var grant = new UsageGrant
        {
            Day = today,
            Requests = requests,
            Rows = rows,
            Exhausted = exhausted,
            ExhaustedSeconds = seconds,
            DayRequestsLeft = rest.RequestsToday - requests,
            MonthRequestsLeft = rest.RequestsThisMonth - requests,
        };
        mine = mine with
        {
            Requests = mine.Requests + requests,
            Rows = mine.Rows + rows,
            Grant = grant,
        };
        return (ledger with { Holdings = [.. others, mine] }, grant);
    }

    /// <summary>The ledger as it stands at a time: a new day or month begins with nothing used.</summary>
    public static UsageLedger Roll(UsageLedger ledger, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        // A clock that was set back changes nothing: the counts go on under the day that had begun.
        if (today <= ledger.Day)
            return ledger;
        return ledger with
        {
            Day = today,
            Today = new UsageCounts(),
            Month = IsSameMonth(today, ledger.Day) ? ledger.Month : new UsageCounts(),
        };
    }

    /// <summary>What nobody has used or set aside.</summary>
    public static QuotaRest Rest(UsageLedger ledger, LimitPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(policy);
        var today = ledger.Holdings.Where(h => h.Day == ledger.Day).ToList();
        var month = ledger.Holdings.Where(h => IsSameMonth(h.Day, ledger.Day)).ToList();
        return new QuotaRest
        {
            RequestsToday = Rest(
                policy.RequestsPerDay,
                ledger.Today.Requests + ledger.Today.LostRequests,
                today.Sum(h => h.Requests)
            ),
            RowsToday = Rest(
                policy.RowsPerDay,
                ledger.Today.Rows + ledger.Today.LostRows,
                today.Sum(h => h.Rows)
            ),
            RequestsThisMonth = Rest(
                policy.RequestsPerMonth,
                ledger.Month.Requests + ledger.Month.LostRequests,
                month.Sum(h => h.Requests)
            ),
            RowsThisMonth = Rest(
                policy.RowsPerMonth,
                ledger.Month.Rows + ledger.Month.LostRows,
                month.Sum(h => h.Rows)
            ),
        };
    }

    // What a lost silo had set aside, it may have used.
    private static UsageLedger Fold(UsageLedger ledger, string reporting, DateTimeOffset before)
    {
        foreach (
            var lost in ledger.Holdings.Where(h => h.SeenAt < before && h.Instance != reporting)
        )
        {
            ledger = ledger with
            {
                Today = lost.Day == ledger.Day ? Lose(ledger.Today, lost) : ledger.Today,
                Month = IsSameMonth(lost.Day, ledger.Day) ? Lose(ledger.Month, lost) : ledger.Month,
                Holdings = [.. ledger.Holdings.Where(h => h != lost)],
            };
        }
        return ledger;
    }

    private static UsageCounts Lose(UsageCounts counts, UsageHolding lost) =>
        counts with
        {
            LostRequests = counts.LostRequests + lost.Requests,
            LostRows = counts.LostRows + lost.Rows,
        };

    private static UsageCounts Add(UsageCounts counts, UsageCounts used) =>
        counts with
        {
            Requests = counts.Requests + used.Requests,
            Rows = counts.Rows + used.Rows,
            Bytes = counts.Bytes + used.Bytes,
            Refused = counts.Refused + used.Refused,
        };

    private static long Left(long? held, long used, long returned) =>
        Math.Max(0, (held ?? 0) - used - returned);

    private static long? Rest(long? quota, long used, long reserved) =>
        quota is { } most ? Math.Max(0, most - used - reserved) : null;

    private static long? Least(long? a, long? b) =>
        a is null ? b
        : b is null ? a
        : Math.Min(a.Value, b.Value);

    // Nobody sets aside more than half of an equal part of what is left, so that the others find something.
    private static long Grant(long wanted, long needed, long? left, int silos)
    {
        if (left is not { } rest || rest < needed)
            return 0;
        return Math.Min(rest, Math.Max(needed, Math.Min(wanted, rest / (2 * silos))));
    }

    private static (string Name, double Seconds) Exhausted(
        UsageReport report,
        QuotaRest rest,
        DateTimeOffset now
    )
    {
        var day = now.UtcDateTime.Date;
        var toMonth = (new DateTime(day.Year, day.Month, 1).AddMonths(1) - now.UtcDateTime);
        var toDay = (day.AddDays(1) - now.UtcDateTime);
        if (report.NeededRequests > rest.RequestsThisMonth)
            return ("requestsPerMonth", toMonth.TotalSeconds);
        if (report.NeededRows > rest.RowsThisMonth)
            return ("rowsPerMonth", toMonth.TotalSeconds);
        if (report.NeededRequests > rest.RequestsToday)
            return ("requestsPerDay", toDay.TotalSeconds);
        if (report.NeededRows > rest.RowsToday)
            return ("rowsPerDay", toDay.TotalSeconds);
        return ("", 0);
    }

    private static bool IsSameMonth(DateOnly a, DateOnly b) =>
        a.Year == b.Year && a.Month == b.Month;
}
