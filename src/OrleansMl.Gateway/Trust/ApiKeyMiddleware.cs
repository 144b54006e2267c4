using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Trust;

/// <summary>
/// Lets a request pass that has a known key; or, where no keys are configured, one that came over loopback. There, a web page
/// of another site that the user's browser shows must not get through: it can send requests to loopback, but it can't
/// forge the headers Host and Origin.
/// </summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, ApiKeySet keys)
{
    private const string KeyHeader = "X-Api-Key";
    private const string BearerPrefix = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        if (!IsOpen(context))
            Authenticate(context);
        return next(context);
    }

    private void Authenticate(HttpContext context)
    {
        if (keys.IsEmpty)
        {
            RequireLoopback(context);
            Caller.Set(context, Caller.Local);
            return;
        }
        var key = ReadKey(context.Request);
        if (key is null)
            throw RequestException.Unauthorized(
                $"A key is needed: send it as '{HeaderNames.Authorization}: Bearer KEY' or '{KeyHeader}: KEY'."
            );
        Caller.Set(
            context,
            keys.Find(key) ?? throw RequestException.Unauthorized("The key is not known here.")
        );
    }

    // Health is asked by probes without credentials; endpoints with an authentication of their own say so by metadata.
    private static bool IsOpen(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
        || context.Request.Path.StartsWithSegments("/v2/health", StringComparison.OrdinalIgnoreCase)
        || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    private static string? ReadKey(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
            return authorization[BearerPrefix.Length..].Trim();
        var key = request.Headers[KeyHeader].ToString();
        return key.Length > 0 ? key : null;
    }

    private static void RequireLoopback(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote))
            throw RequestException.Unauthorized(
                $"No keys are configured, so that only calls over loopback are taken: set {SecurityOptions.Section}:{nameof(SecurityOptions.ApiKeys)}."
            );
        var host = context.Request.Host.Host;
        if (!IsLoopbackName(host))
            throw RequestException.Forbidden(
                $"Without keys, the header Host must name loopback, got '{host}'."
            );
        var origin = context.Request.Headers.Origin.ToString();
        if (
            origin.Length > 0
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var site) && IsLoopbackName(site.Host))
        )
            throw RequestException.Forbidden(
                $"Without keys, pages of other sites are refused, got Origin '{origin}'."
            );
    }

    private static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (
            IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && IPAddress.IsLoopback(address)
        );
}
