using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Core.Serving.Limits;

/// <summary>Says what is wrong with limits.</summary>
public static class LimitPolicyChecks
{
    private const double MaxRequests = 1e6;
    private const double MaxRows = 1e9;
    private const double MaxBytes = 1e12;
    private const long MaxQuota = 1_000_000_000_000_000;

    /// <summary>Lets limits of a key pass that may be set.</summary>
    /// <exception cref="InvalidInputException">They may not; the message names all problems.</exception>
    public static void Require(LimitPolicy? limits)
    {
        var problems = Problems(limits).ToList();
        if (problems.Count > 0)
            throw new InvalidInputException(string.Join(' ', problems));
    }

    /// <summary>The problems of a model's limits: how many calls run or wait at a time is its batching's to say, and all its callers are equal.</summary>
    public static IEnumerable<string> ProblemsOfModel(LimitPolicy? limits)
    {
        foreach (var problem in Problems(limits))
            yield return problem;
        if (limits?.ConcurrentRequests is not null)
            yield return "limits.concurrentRequests: a model has none: set batching.queueLimit and batching.instances.";
        if (limits is { LowPriority: true })
            yield return "limits.lowPriority: a model has none, only an API key.";
    }

    /// <summary>The problems, each with its key's name; none means that they may be set.</summary>
    public static IEnumerable<string> Problems(LimitPolicy? limits)
    {
        if (limits is null)
            return [];
        List<string> problems = [];
        Rate("requestsPerSecond", limits.RequestsPerSecond, MaxRequests);
        Burst("requestBurst", limits.RequestBurst, limits.RequestsPerSecond, 1e7);
        Rate("rowsPerSecond", limits.RowsPerSecond, MaxRows);
        Burst("rowBurst", limits.RowBurst, limits.RowsPerSecond, MaxRows);
        Rate("bytesPerSecond", limits.BytesPerSecond, MaxBytes);
        Burst("byteBurst", limits.ByteBurst, limits.BytesPerSecond, MaxBytes);
        if (limits.ConcurrentRequests is < 1 or > 1_000_000)
            problems.Add(
                $"limits.concurrentRequests: expected 1 to 1000000, got {limits.ConcurrentRequests}."
            );
        Quota("requestsPerDay", limits.RequestsPerDay);
        Quota("requestsPerMonth", limits.RequestsPerMonth);
        Quota("rowsPerDay", limits.RowsPerDay);
        Quota("rowsPerMonth", limits.RowsPerMonth);
        return problems;

        void Rate(string key, double? value, double most)
        {
            if (value is { } rate && !(rate > 0 && rate <= most))
                problems.Add($"limits.{key}: expected more than 0 and at most {most}, got {rate}.");
        }

        void Burst(string key, double? value, double? rate, double most)
        {
            if (value is not { } burst)
                return;
            if (!(burst >= 1 && burst <= most))
                problems.Add($"limits.{key}: expected 1 to {most}, got {burst}.");
            else if (rate is null)
                problems.Add($"limits.{key}: a burst needs its rate a second beside it.");
        }

        void Quota(string key, long? value)
        {
            if (value is < 0 or > MaxQuota)
                problems.Add($"limits.{key}: expected 0 to {MaxQuota}, got {value}.");
        }
    }
}
