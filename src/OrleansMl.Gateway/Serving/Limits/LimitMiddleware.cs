using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Limits;

/// <summary>
/// Holds callers to their limits before anything of their bodies is read: after the caller is known, before the endpoint. A caller
/// without limits costs a look.
/// </summary>
internal sealed class LimitMiddleware(
    RequestDelegate next,
    LimitRegistry registry,
    AnonymousCallers strangers,
    GatewayLoad load,
    LimitMetrics metrics,
    IOptions<LimitOptions> options
)
{
    private readonly bool _headers = options.Value.Headers;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<Caller>() is not { } caller)
        {
            strangers.Require(context);
            return next(context);
        }
        return caller.Limits is { } limits ? LimitAsync(context, limits) : next(context);
    }

    private Task LimitAsync(HttpContext context, LimitedSubject limits)
    {
        if (limits.Policy.LowPriority)
            load.RequireRoom();
        var verdict = limits.TryAdmit(context.Request.ContentLength ?? 0);
        if (verdict.IsOpen || limits.CountsConcurrency)
            return WaitAsync(context, limits, verdict);
        Require(context, limits, verdict);
        return next(context);
    }

    private async Task WaitAsync(HttpContext context, LimitedSubject limits, LimitVerdict verdict)
    {
        if (verdict.IsOpen)
            verdict = await registry.AdmitAsync(
                limits,
                context.Request.ContentLength ?? 0,
                context.RequestAborted
            );
        Require(context, limits, verdict);
        if (!limits.CountsConcurrency)
        {
            await next(context);
            return;
        }
        var entered = limits.TryEnter();
        if (!entered.IsAdmitted)
            throw LimitRefusals.Of(limits, entered, metrics);
        try
        {
            await next(context);
        }
        finally
        {
            limits.Exit();
        }
    }

    private void Require(HttpContext context, LimitedSubject limits, LimitVerdict verdict)
    {
        if (_headers)
            Describe(context, limits);
        if (!verdict.IsAdmitted)
            throw LimitRefusals.Of(limits, verdict, metrics);
    }

    // draft-ietf-httpapi-ratelimit-headers-10: q and r are counts, w and t seconds. An error's answer keeps them.
    private static void Describe(HttpContext context, LimitedSubject limits)
    {
        var headers = context.Response.Headers;
        var policy = limits.Policy;
        string? rules = null;
        string? rest = null;
        if (policy.RequestsPerSecond is { } rate)
        {
            var burst = limits.RequestBurst;
            rules = string.Create(
                CultureInfo.InvariantCulture,
                $"\"requests\";q={(long)burst};w={Math.Max(1, (long)Math.Ceiling(burst / rate))}"
            );
            if (limits.Left() is var (left, full))
                rest = string.Create(
                    CultureInfo.InvariantCulture,
                    $"\"requests\";r={left};t={(long)Math.Ceiling(full.TotalSeconds)}"
                );
        }
        var (day, month) = limits.QuotaLeft();
        Add("day", policy.RequestsPerDay, day, 86_400, limits.SecondsToTomorrow());
        Add("month", policy.RequestsPerMonth, month, 2_592_000, limits.SecondsToNextMonth());
        if (rules is not null)
            headers["RateLimit-Policy"] = rules;
        if (rest is not null)
            headers["RateLimit"] = rest;

        void Add(string name, long? quota, long? left, int window, long reset)
        {
            if (quota is null)
                return;
            rules = $"{rules}{(rules is null ? "" : ", ")}\"{name}\";q={quota};w={window}";
            if (left is not null)
                rest =
                    $"{rest}{(rest is null ? "" : ", ")}\"{name}\";r={Math.Max(0, left.Value)};t={reset}";
        }
    }
}
