using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Trust;

/// <inheritdoc/>
internal sealed class ConsoleSessionReader : ISessionReader
{
    public byte[]? Read(HttpContext context) =>
        ConsoleSessions.Of(context) is { } session
            ? context.RequestServices.GetRequiredService<ConsoleSessions>().Read(session)
            : null;
}
