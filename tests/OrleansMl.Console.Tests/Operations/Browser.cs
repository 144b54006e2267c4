using Microsoft.Playwright;

namespace OrleansMl.Console.Tests.Operations;

/// <summary>Debian's Chromium without a window.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Programs =
    [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var program =
            Environment.GetEnvironmentVariable("OML_TEST_CHROMIUM")
            ?? Programs.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                $"Chromium is missing: looked for {string.Join(", ", Programs)}. Install Debian's package chromium, or name the program in OML_TEST_CHROMIUM."
            );
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = program,
                // Its sandbox does not start for root, which tests in containers are.
                ChromiumSandbox = Environment.UserName != "root",
                Args = ["--disable-dev-shm-usage", "--disable-gpu"],
            }
        );
        Assertions.SetDefaultExpectTimeout(Patience);
    }

    /// <summary>How long a condition may take on the slowest machine, in milliseconds; met ones cost nothing.</summary>
    public const float Patience = 60_000;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A browser window of its own, with nothing kept.</summary>
    public async Task<ConsoleTab> OpenAsync(
        string url,
        bool script = true,
        ColorScheme scheme = ColorScheme.Light,
        int width = 1280
    )
    {
        var context = await _browser!.NewContextAsync(
            new BrowserNewContextOptions
            {
                BaseURL = url,
                JavaScriptEnabled = script,
                ColorScheme = scheme,
                ViewportSize = new ViewportSize { Width = width, Height = 900 },
                ReducedMotion = ReducedMotion.Reduce,
            }
        );
        context.SetDefaultTimeout(Patience);
        return await ConsoleTab.CreateAsync(context, url);
    }
}
