using Microsoft.AspNetCore.Http;

namespace OrleansMl.Gateway.Trust;

/// <summary>
/// Metadata of endpoints that people reach with a browser, which shows no key at each request: it finds the session that they signed in
/// for. Asked only where a request shows no key of its own.
/// </summary>
internal interface ISessionReader
{
    /// <summary>SHA-256 of the key that the session was begun with, which is looked up anew at each request; null: there is no session.</summary>
    byte[]? Read(HttpContext context);
}
