using Microsoft.AspNetCore.Http;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving.Limits;

/// <summary>Holds addresses without a good key to their limit. A good key is never refused for the address that it comes from.</summary>
internal sealed class AnonymousCallers(AddressLimits addresses, LimitMetrics metrics)
{
    /// <summary>Lets a request of an open route through, or not.</summary>
    /// <exception cref="RequestException">429: too many came from the address.</exception>
    public void Require(HttpContext context)
    {
        if (!GatewayLoad.IsProbe(context.Request) && Take(context) is { } refusal)
            throw refusal;
    }

    /// <summary>The answer to a request that failed: where no good key was shown, the address's limit counts it.</summary>
    public Exception Judge(HttpContext context, Exception error) =>
        error is RequestException { Status: StatusCodes.Status401Unauthorized }
            ? Take(context) ?? error
            : error;

    private RequestException? Take(HttpContext context)
    {
        var wait = addresses.Take(context.Connection.RemoteIpAddress);
        if (wait <= TimeSpan.Zero)
            return null;
        metrics.Refused("address");
        return RequestException.Limited(
            ErrorCodes.RateLimited,
            $"Too many requests without a good key come from this address. Try again in {wait.TotalSeconds:0.###} s.",
            wait
        );
    }
}
