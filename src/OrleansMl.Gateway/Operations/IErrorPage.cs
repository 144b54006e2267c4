using Microsoft.AspNetCore.Http;

namespace OrleansMl.Gateway.Operations;

/// <summary>Metadata of endpoints whose callers are people: their errors are pages, not JSON.</summary>
internal interface IErrorPage
{
    /// <summary>Writes the error as the answer; nothing of another one has been sent.</summary>
    Task WriteAsync(HttpContext context, ErrorAnswer answer);
}
