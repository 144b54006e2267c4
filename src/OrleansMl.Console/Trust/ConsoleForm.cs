using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Console.Trust;

/// <summary>Reads the forms of pages: small, and proven to come from a page of the console that this browser was given.</summary>
internal static class ConsoleForm
{
    private const long MaxBytes = 64 << 10;

    public static async Task<IFormCollection> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
            throw RequestException.UnsupportedMediaType(context.Request.ContentType, "a form");
        if (context.Request.ContentLength is null or > MaxBytes)
            throw RequestException.Invalid($"The form is larger than {MaxBytes} bytes.");
        try
        {
            await context
                .RequestServices.GetRequiredService<IAntiforgery>()
                .ValidateRequestAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            throw RequestException.Invalid(
                "The form is too old, or your browser refuses the console's cookies: open the page again and repeat. Nothing was changed."
            );
        }
        return await context.Request.ReadFormAsync(context.RequestAborted);
    }
}
