using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace OrleansMl.Console.Tests.Operations;

/// <summary>A tab of a browser, which notes what a page must never do.</summary>
public sealed class ConsoleTab : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _sins = new();

    private ConsoleTab(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    public IBrowserContext Context => _context;

    /// <summary>Requests to other places, refusals of the security policy, and errors of scripts.</summary>
    public IReadOnlyCollection<string> Sins => _sins;

    internal static async Task<ConsoleTab> CreateAsync(IBrowserContext context, string url)
    {
        var page = await context.NewPageAsync();
        var tab = new ConsoleTab(context, page);
        var own = new Uri(url).Authority;
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: not "data" } asked && asked.Authority != own)
                tab._sins.Enqueue($"asked {request.Url}");
        };
        page.WebSocket += (_, socket) =>
        {
            if (new Uri(socket.Url).Authority != own)
                tab._sins.Enqueue($"connected to {socket.Url}");
        };
        page.PageError += (_, error) => tab._sins.Enqueue($"error {error}");
        page.Console += (_, message) =>
        {
            if (
                message.Text.Contains("Content Security Policy", StringComparison.OrdinalIgnoreCase)
                || message.Text.Contains("Refused to", StringComparison.OrdinalIgnoreCase)
            )
                tab._sins.Enqueue(message.Text);
        };
        return tab;
    }

    /// <summary>Signs in by the form.</summary>
    public async Task SignInAsync(string key, string page = "/console")
    {
        await Page.GotoAsync(page);
        await Page.GetByLabel("API key").FillAsync(key);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Waits until the page's live part is connected.</summary>
    public Task BeLiveAsync() => Assertions.Expect(Page.Locator("p.as-of.live")).ToBeVisibleAsync();

    /// <summary>Lets the page ask for its connection only once something has been done.</summary>
    public async Task ConnectAfterAsync(Func<Task> done)
    {
        await Page.RouteAsync(
            "**/_blazor/negotiate**",
            async route =>
            {
                await done();
                await route.ContinueAsync();
            }
        );
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
