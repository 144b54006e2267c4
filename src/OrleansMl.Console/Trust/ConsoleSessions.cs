using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Trust;

/// <summary>
/// Sessions of people who signed in with a key. A session is a text that the browser keeps: the key's SHA-256 and when the session ends,
/// encrypted and signed. Nothing is stored here; the key is looked up anew each time, so that a session ends with its key.
/// </summary>
internal sealed class ConsoleSessions(
    IDataProtectionProvider protection,
    Authenticator authenticator,
    TimeProvider time,
    IOptions<ConsoleOptions> options
)
{
    /// <summary>The cookie's name.</summary>
    public const string Cookie = "oml-console";

    private const int TimeBytes = sizeof(long);
    private readonly IDataProtector _protector = protection.CreateProtector(
        "OrleansMl.Console.Session.1"
    );

    /// <summary>Whether people must sign in.</summary>
    public bool IsRequired => authenticator.IsRequired;

    /// <summary>The session of a request, as its text; null: none.</summary>
    public static string? Of(HttpContext context) =>
        context.Request.Cookies.TryGetValue(Cookie, out var text) && text.Length > 0 ? text : null;

    /// <summary>Begins a session for the holder of a key.</summary>
    /// <param name="context">The answer gets the cookie.</param>
    /// <param name="digest">The key's SHA-256.</param>
    public void Begin(HttpContext context, ReadOnlySpan<byte> digest)
    {
        var length = TimeSpan.FromHours(options.Value.SessionHours);
        var plain = new byte[TimeBytes + digest.Length];
        BinaryPrimitives.WriteInt64BigEndian(plain, (time.GetUtcNow() + length).UtcTicks);
        digest.CopyTo(plain.AsSpan(TimeBytes));
        context.Response.Cookies.Append(
            Cookie,
            Base64Url.EncodeToString(_protector.Protect(plain)),
            Settings(context, length)
        );
    }

    /// <summary>Ends the browser's session.</summary>
    public static void End(HttpContext context) =>
        context.Response.Cookies.Delete(Cookie, Settings(context, length: null));

    /// <summary>The key's SHA-256 that a session holds; null: it has ended, or is none of this cluster's.</summary>
    public byte[]? Read(string? session)
    {
        if (session is null)
            return null;
        try
        {
            var plain = _protector.Unprotect(Base64Url.DecodeFromChars(session));
            return
                plain.Length == TimeBytes + SHA256.HashSizeInBytes
                && BinaryPrimitives.ReadInt64BigEndian(plain) > time.GetUtcNow().UtcTicks
                ? plain[TimeBytes..]
                : null;
        }
        catch (Exception error) when (error is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Who looks at a live page now. Its connection was authenticated when it began; this holds it to what has changed since.</summary>
    /// <exception cref="RequestException">The session has ended: 401.</exception>
    /// <exception cref="Contracts.UnavailableException">The keys can't be read.</exception>
    public Caller Viewer(string? session)
    {
        if (Read(session) is { } digest)
            return authenticator.Find(digest);
        return authenticator.IsRequired
            ? throw RequestException.Unauthorized("The session has ended: sign in again.")
            : Caller.Local;
    }

    // Strict: no other site's page can make the browser send it. The path keeps it from the API.
    private static CookieOptions Settings(HttpContext context, TimeSpan? length) =>
        new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = ConsoleEndpoints.Root,
            MaxAge = length,
            IsEssential = true,
        };
}
