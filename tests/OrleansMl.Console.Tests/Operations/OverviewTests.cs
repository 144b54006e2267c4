using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Playwright;
using OrleansMl.Console.Tests.Operations;
using static Microsoft.Playwright.Assertions;

namespace OrleansMl.Console.Tests.Operations;

public sealed class OverviewTests(ConsoleWorld world, Browser browser)
{
    [Fact]
    public async Task The_overview_shows_silos_slots_and_the_newest_runs()
    {
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync(ConsoleWorld.Key);

        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToContainTextAsync("Cluster");
        var silo = tab.Page.Locator("tr", new() { HasText = "silo-1" }).First;
        await Expect(silo).ToContainTextAsync("active");
        await Expect(silo).ToContainTextAsync("gateway, serve, train");
        await Expect(tab.Page.Locator(".slots")).ToContainTextAsync("silo-1/cpu:0");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "first", Exact = true }))
            .ToHaveAttributeAsync("href", "/console/runs/first");
        await tab.BeLiveAsync();
        Assert.Empty(tab.Sins);
    }

    [Fact]
    public async Task An_empty_cluster_says_what_to_do_and_needs_no_key_on_loopback()
    {
        await using var tab = await browser.OpenAsync(world.Empty.Url);

        await tab.Page.GotoAsync("/console");
        await Expect(tab.Page.GetByText("No runs yet")).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("No slot", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("On loopback, as")).ToBeVisibleAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Models" }).ClickAsync();
        await Expect(tab.Page.GetByText("No models yet")).ToBeVisibleAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Runs" }).ClickAsync();
        await Expect(tab.Page.GetByText("No runs yet")).ToBeVisibleAsync();
        await tab.Page.GotoAsync("/console/sign-in");
        await Expect(tab.Page).ToHaveURLAsync(world.Empty.Url + "/console");
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_that_says_so()
    {
        await using var tab = await browser.OpenAsync(world.Empty.Url);

        foreach (
            var (path, status, text) in new[]
            {
                ("/console/nowhere", 404, "There is no page /console/nowhere"),
                ("/console/runs/none", 404, "There is no training run 'none'"),
                ("/console/models/none", 404, "There is no model 'none'"),
                ("/console/runs?phase=never", 400, "there is none of the name 'never'"),
                ("/console/runs?offset=-1", 400, "expected a whole number"),
            }
        )
        {
            var answer = await tab.Page.GotoAsync(path);
            Assert.Equal(status, answer!.Status);
            await Expect(tab.Page.Locator("main")).ToContainTextAsync(text);
            await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
                .ToBeVisibleAsync();
        }
        Assert.Empty(tab.Sins);
    }

    [Fact]
    public async Task A_page_says_that_its_silo_is_gone_and_is_live_again_when_it_is_back()
    {
        var folder = Directory.CreateTempSubdirectory("oml-console-lost-").FullName;
        try
        {
            var silo = await HostedSilo.StartAsync(folder, "--roles", "gateway");
            var url = silo.Url;
            await using var tab = await browser.OpenAsync(url);
            await tab.Page.GotoAsync("/console");
            await tab.BeLiveAsync();

            // It tries again at once, while the silo still stops and could take it.
            silo.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
            await using var again = await tab.Page.APIRequest.PostAsync(
                url + "/console/_blazor/negotiate?negotiateVersion=1"
            );
            Assert.Equal(503, again.Status);
            await Expect(tab.Page.GetByText("The connection to the silo is lost."))
                .ToBeVisibleAsync();
            await silo.DisposeAsync();
            await Expect(tab.Page.GetByText("The connection to the silo is lost."))
                .ToBeVisibleAsync();
            var last = await tab.Page.Locator("p.as-of").InnerTextAsync();

            await using var restarted = await HostedSilo.StartAsync(
                folder,
                "--roles",
                "gateway",
                "--url",
                url
            );
            await Expect(tab.Page.GetByText("The connection to the silo is lost."))
                .ToBeHiddenAsync();
            // What was live looks so until the page is a new one.
            await Expect(tab.Page.Locator("p.as-of")).Not.ToHaveTextAsync(last);
            await tab.BeLiveAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_page_whose_connection_never_begins_is_still_and_says_so()
    {
        await using var tab = await browser.OpenAsync(world.Empty.Url);
        await tab.Page.RouteAsync("**/_blazor/negotiate**", route => route.AbortAsync());

        await tab.Page.GotoAsync("/console");

        await Expect(tab.Page.GetByText("This page is not live.")).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("p.as-of.still")).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("p.as-of.live")).ToHaveCountAsync(0);
        await tab.Page.UnrouteAllAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Reload the page" }).ClickAsync();
        await tab.BeLiveAsync();
        await Expect(tab.Page.GetByText("This page is not live.")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task The_keyboard_reaches_the_content_first()
    {
        await using var tab = await browser.OpenAsync(world.Empty.Url);
        await tab.Page.GotoAsync("/console/models");

        await tab.Page.Keyboard.PressAsync("Tab");
        await Expect(tab.Page.GetByText("Skip to the content")).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.Locator("main")).ToBeFocusedAsync();
    }
}
