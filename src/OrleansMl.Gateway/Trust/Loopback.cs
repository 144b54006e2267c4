using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust;

/// <summary>
/// Where no authentication is configured, only calls over loopback pass. A web page of another site that the user's browser
/// shows must not get through: it can send requests to loopback, but it can't forge the headers Host and Origin.
/// </summary>
internal static class Loopback
{
    public static void Require(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote))
            throw RequestException.Unauthorized(
                $"No keys are configured, so that only calls over loopback are taken: set {SecurityOptions.Section}:{nameof(SecurityOptions.ApiKeys)}."
            );
        var host = context.Request.Host.Host;
        if (!IsName(host))
            throw RequestException.Forbidden(
                $"Without keys, the header Host must name loopback, got '{host}'."
            );
        var origin = context.Request.Headers.Origin.ToString();
        if (
            origin.Length > 0
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var site) && IsName(site.Host))
        )
            throw RequestException.Forbidden(
                $"Without keys, pages of other sites are refused, got Origin '{origin}'."
            );
    }

    public static bool IsName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (
            IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && IPAddress.IsLoopback(address)
        );
}
