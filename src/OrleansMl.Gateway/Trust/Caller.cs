using Microsoft.AspNetCore.Http;

namespace OrleansMl.Gateway.Trust;

/// <summary>Who asks, for histories.</summary>
internal static class Caller
{
    /// <summary>A caller over loopback without a key.</summary>
    public const string Local = "local";

    private static readonly object Key = new();

    public static string Name(HttpContext context) => context.Items[Key] as string ?? Local;

    public static void Set(HttpContext context, string name) => context.Items[Key] = name;
}
