using OrleansMl.Contracts;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving.Limits;

/// <summary>What a caller is told who asked for too much.</summary>
internal static class LimitRefusals
{
    private const int RequestTooLarge = 413;

    public static Exception Of(LimitedSubject subject, LimitVerdict verdict, LimitMetrics metrics)
    {
        metrics.Refused(CauseOf(verdict));
        var limits = subject.Policy;
        var who = subject.Name.Replace('/', ' ');
        var wait = $"Try again in {Seconds(verdict.RetryAfter):0.###} s.";
        return verdict.Cause switch
        {
            LimitCause.TooManyRows => new InvalidInputException(
                $"The request has more rows than the {subject.RowBurst:0.#} that {who} may send at once: split it."
            ),
            LimitCause.TooManyBytes => new RequestException(
                RequestTooLarge,
                ErrorCodes.BodyTooLarge,
                $"The body has more bytes than the {subject.ByteBurst:0.#} that {who} may send at once: split the request."
            ),
            LimitCause.Exhausted => RequestException.Limited(
                ErrorCodes.QuotaExceeded,
                $"The quota {verdict.Quota} of {who} is used up ({QuotaOf(limits, verdict.Quota)}); it begins anew in {Seconds(verdict.RetryAfter):0} s.",
                verdict.RetryAfter
            ),
            LimitCause.Rows => RequestException.Limited(
                ErrorCodes.RateLimited,
                $"The limit of {limits.RowsPerSecond} rows a second of {who} is reached. {wait}",
                verdict.RetryAfter
            ),
            LimitCause.Bytes => RequestException.Limited(
                ErrorCodes.RateLimited,
                $"The limit of {limits.BytesPerSecond} bytes a second of {who} is reached. {wait}",
                verdict.RetryAfter
            ),
            LimitCause.Concurrent => RequestException.Limited(
                ErrorCodes.RateLimited,
                $"The limit of {limits.ConcurrentRequests} requests at a time of {who} is reached: await answers before sending more.",
                verdict.RetryAfter
            ),
            _ => RequestException.Limited(
                ErrorCodes.RateLimited,
                $"The limit of {limits.RequestsPerSecond} requests a second of {who} is reached. {wait}",
                verdict.RetryAfter
            ),
        };
    }

    private static string CauseOf(LimitVerdict verdict) =>
        verdict.Cause switch
        {
            LimitCause.Exhausted => "quota",
            LimitCause.Rows or LimitCause.TooManyRows => "rows",
            LimitCause.Bytes or LimitCause.TooManyBytes => "bytes",
            LimitCause.Concurrent => "concurrent",
            _ => "requests",
        };

    private static long? QuotaOf(Contracts.Serving.Limits.LimitPolicy limits, string name) =>
        name switch
        {
            "requestsPerDay" => limits.RequestsPerDay,
            "requestsPerMonth" => limits.RequestsPerMonth,
            "rowsPerDay" => limits.RowsPerDay,
            _ => limits.RowsPerMonth,
        };

    private static double Seconds(TimeSpan wait) => wait.TotalSeconds;
}
