using Microsoft.AspNetCore.Http;

namespace OrleansMl.Gateway.Operations;

/// <summary>Moves every request to the thread pool but those whose endpoint says that it is quick (<see cref="QuickEndpoint"/>).</summary>
internal sealed class PoolMiddleware(RequestDelegate next)
{
    private readonly Func<HttpContext, Task> _next = context => next(context);

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<QuickEndpoint>() is not null
            ? next(context)
            : PoolContext.RunAsync(_next, context);
}
