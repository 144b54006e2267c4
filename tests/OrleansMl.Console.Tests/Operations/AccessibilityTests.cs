using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OrleansMl.Console.Tests.Operations;

/// <summary>Each page in each theme: no violation of axe's rules, of the security policy, and no request to anywhere else.</summary>
public sealed class AccessibilityTests(ConsoleWorld world, Browser browser)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task Pages_are_accessible_and_keep_to_themselves(ColorScheme scheme, int width)
    {
        await using var tab = await browser.OpenAsync(world.Silo.Url, scheme: scheme, width: width);
        await tab.Page.GotoAsync("/console");
        await CheckAsync(tab, "sign-in");
        await tab.SignInAsync(ConsoleWorld.Key);
        await tab.BeLiveAsync();
        foreach (
            var path in new[]
            {
                "/console",
                "/console/runs",
                $"/console/runs/{world.Run.Id}",
                $"/console/runs/{world.Run.Id}/cancel",
                "/console/models",
                $"/console/models/{ConsoleWorld.Model}",
                $"/console/models/{ConsoleWorld.Model}/versions/1",
                $"/console/models/{ConsoleWorld.Model}/alias?alias=champion&version=2",
                "/console/nowhere",
            }
        )
        {
            await tab.Page.GotoAsync(path);
            await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
                .ToBeVisibleAsync();
            await CheckAsync(tab, path);
            // Nothing is cut off at the side.
            Assert.True(
                await tab.Page.EvaluateAsync<bool>(
                    "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
                ),
                $"{path} is wider than the window of {width}."
            );
        }
        Assert.Empty(tab.Sins);
    }

    [Fact]
    public async Task The_check_of_accessibility_can_fail()
    {
        await using var tab = await browser.OpenAsync(world.Empty.Url);
        await tab.Page.GotoAsync("/console/models");
        await tab.Page.EvaluateAsync("document.documentElement.removeAttribute('lang')");

        Assert.Contains(
            (await tab.Page.RunAxe()).Violations,
            violation => violation.Id == "html-has-lang"
        );
    }

    [Fact]
    public async Task The_watch_for_other_places_can_fail()
    {
        await using var tab = await browser.OpenAsync(world.Empty.Url);
        await tab.Page.GotoAsync("/console/models");
        await tab.Page.EvaluateAsync(
            "new Promise(done => { const script = document.createElement('script'); script.onerror = done; script.src = 'http://127.0.0.1:1/x.js'; document.head.append(script); })"
        );

        Assert.NotEmpty(tab.Sins);
    }

    private static async Task CheckAsync(ConsoleTab tab, string where)
    {
        var result = await tab.Page.RunAxe();
        Assert.True(
            result.Violations.Length == 0,
            $"{where}: "
                + string.Join(
                    "; ",
                    result.Violations.Select(violation =>
                        $"{violation.Id} ({violation.Impact}): {violation.Help} at {string.Join(", ", violation.Nodes.Take(5).Select(node => node.Html))}"
                    )
                )
        );
        Assert.NotEmpty(result.Passes);
    }
}
