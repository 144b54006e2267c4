using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace OrleansMl.Console.Operations;

/// <summary>Answers with a page.</summary>
internal static class Page
{
    // Scripts and styles come from files of the console alone; there are none in the pages themselves.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    /// <summary>Renders the page whole, with its headers, and sends it. What goes wrong is thrown before anything is sent.</summary>
    public static Task WriteAsync<TPage>(
        HttpContext context,
        Dictionary<string, object?>? parameters = null
    )
        where TPage : IComponent
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        // A page shows what one viewer may see.
        headers.CacheControl = "no-cache, no-store";
        return new RazorComponentResult<TPage>(parameters ?? [])
        {
            PreventStreamingRendering = true,
        }.ExecuteAsync(context);
    }
}
