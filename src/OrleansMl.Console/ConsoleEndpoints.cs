using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansMl.Console.Models;
using OrleansMl.Console.Operations;
using OrleansMl.Console.Training;
using OrleansMl.Console.Trust;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console;

/// <summary>Maps the console.</summary>
public static class ConsoleEndpoints
{
    /// <summary>Where the pages are.</summary>
    public const string Root = "/console";

    /// <summary>
    /// Adds the pages. They declare who may see them as the API's routes do, and the gateway's middleware, which must be there
    /// already, holds them to it.
    /// </summary>
    public static void MapOrleansMlConsole(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var pages = routes
            .MapGroup(Root)
            .WithMetadata(new ConsoleSessionReader(), new ConsoleErrorPage())
            .ExcludeFromDescription()
            .Needs(Permission.Read);
        pages.MapGet("/", context => Page.WriteAsync<Overview>(context));
        SignInEndpoints.Map(pages);
        RunPages.Map(pages);
        ModelPages.Map(pages);
        ConsoleAssets.Map(pages);
        // Live parts of pages: their connection is authenticated as any request, and each part checks its viewer again.
        pages.MapBlazorHub("/_blazor").Add(RefuseWhenStopping);
        pages.MapGet(
            "/{**path}",
            Task (HttpContext context) =>
                throw new Contracts.NotFoundException(
                    $"There is no page {context.Request.Path} in the console."
                )
        );
    }

    // A page whose connection a stopping silo has closed tries again at once. Were it taken, the page would look live while nothing
    // comes any more, and the server would wait for it as long as stopping may take.
    private static void RefuseWhenStopping(EndpointBuilder endpoint)
    {
        var take =
            endpoint.RequestDelegate
            ?? throw new InvalidOperationException($"{endpoint.DisplayName} takes no requests.");
        endpoint.RequestDelegate = context =>
            context
                .RequestServices.GetRequiredService<IHostApplicationLifetime>()
                .ApplicationStopping.IsCancellationRequested
                ? throw new Contracts.UnavailableException("The silo is stopping.")
                : take(context);
    }
}
