using System.Net;

namespace OrleansMl.Gateway.Trust;

/// <summary>Invariant 9: a process asked to listen beyond loopback without authentication configured refuses to start.</summary>
public static class GatewaySecurity
{
    /// <summary>Checks where the process is to listen, for example <c>http://127.0.0.1:8080</c> or <c>http://+:8080</c>.</summary>
    /// <param name="urls">The addresses, each scheme://host:port; several in one text are parted by semicolons.</param>
    /// <param name="options">The configured keys.</param>
    /// <exception cref="InvalidOperationException">An address is not loopback and there are no keys, or an address can't be read.</exception>
    public static void RequireKeysBeyondLoopback(IEnumerable<string> urls, SecurityOptions options)
    {
        foreach (
            var url in urls.SelectMany(text =>
                text.Split(
                    ';',
                    StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
                )
            )
        )
        {
            if (!options.IsConfigured() && !IsLoopback(url))
                throw new InvalidOperationException(
                    $"'{url}' listens beyond loopback, and no keys are configured: set {SecurityOptions.Section}:{nameof(options.ApiKeys)} to the SHA-256 digests of the keys to take, or listen on 127.0.0.1."
                );
        }
    }

    private static bool IsLoopback(string url)
    {
        // '+' and '*' mean every address and are no host names that Uri reads.
        var readable = url.Replace("://+", "://0.0.0.0", StringComparison.Ordinal)
            .Replace("://*", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(readable, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw new InvalidOperationException(
                $"'{url}' is no address to listen at: expected scheme://host:port, for example http://127.0.0.1:8080."
            );
        return string.Equals(uri.Host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (
                IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address)
                && IPAddress.IsLoopback(address)
            );
    }
}
