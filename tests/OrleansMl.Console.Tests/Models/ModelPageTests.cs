using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OrleansMl.Console.Tests.Operations;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Operations;
using static Microsoft.Playwright.Assertions;

namespace OrleansMl.Console.Tests.Models;

public sealed class ModelPageTests(ConsoleWorld world, Browser browser)
{
    [Fact]
    public async Task Calls_are_counted_on_an_open_page()
    {
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync(ConsoleWorld.Key, $"/console/models/{ConsoleWorld.Model}");
        await tab.BeLiveAsync();
        var before = await tab.Page.Locator("#requests").InnerTextAsync();

        await world.PredictAsync(7);

        await Expect(tab.Page.Locator("#requests")).Not.ToHaveTextAsync(before);
        await Expect(tab.Page.Locator("#rates-title")).ToBeVisibleAsync();
        var served = tab.Page.Locator("section", new() { HasText = "Traffic by version" });
        await Expect(served).ToContainTextAsync("moons@1");
        await Expect(served).ToContainTextAsync("silo-1");
        Assert.Empty(tab.Sins);
    }

    [Fact]
    public async Task A_version_shows_where_it_comes_from_and_what_it_takes()
    {
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync(ConsoleWorld.Key, $"/console/models/{ConsoleWorld.Model}");
        await tab
            .Page.Locator("section", new() { HasText = "Versions" })
            .GetByRole(AriaRole.Link, new() { Name = "moons@1" })
            .First.ClickAsync();

        await Expect(tab.Page).ToHaveTitleAsync("moons@1 · OrleansMl");
        await Expect(tab.Page.Locator("main")).ToContainTextAsync("moons@1");
        await Expect(tab.Page.Locator("section", new() { HasText = "What it takes" }))
            .ToContainTextAsync("output");
        await tab
            .Page.GetByRole(AriaRole.Link, new() { Name = "first", Exact = true })
            .ClickAsync();
        await Expect(tab.Page).ToHaveURLAsync(world.Silo.Url + "/console/runs/first");
    }

    [Fact]
    public async Task An_alias_is_moved_after_a_second_look_and_never_over_another_ones_move()
    {
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync(ConsoleWorld.Key, $"/console/models/{ConsoleWorld.Model}");
        await tab.Page.GetByLabel("Alias", new() { Exact = true }).FillAsync("challenger");
        await tab.Page.GetByLabel("Version", new() { Exact = true }).FillAsync("1");
        await tab
            .Page.GetByRole(AriaRole.Button, new() { Name = "Look before moving…" })
            .ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Point challenger at moons@1?");
        var second = await tab.Context.NewPageAsync();
        await second.GotoAsync(tab.Page.Url);

        await tab.Page.GetByLabel("Why").FillAsync("steadier");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Move the alias" }).ClickAsync();

        await Expect(tab.Page.Locator("section", new() { HasText = "Moves of aliases" }))
            .ToContainTextAsync("steadier");
        var model = await world.Client.Models.GetAsync(
            ConsoleWorld.Model,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(1, model.Aliases["challenger"]);
        Assert.Equal("root", model.History[0].By);
        await second.GetByRole(AriaRole.Button, new() { Name = "Move the alias" }).ClickAsync();
        await Expect(second.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync("Something has changed meanwhile");
    }

    [Fact]
    public async Task A_long_list_has_pages_and_is_searched_by_name()
    {
        var catalog = world.Silo.Services.GetRequiredService<ICatalog>();
        var cancellationToken = TestContext.Current.CancellationToken;
        var made = TimeProvider.System.GetUtcNow();
        var names = Enumerable.Range(0, 45).Select(i => $"many-{i:00}").ToList();
        foreach (var name in names)
            await catalog.UpsertAsync(
                new CatalogEntry(
                    CatalogKinds.Model,
                    name,
                    "",
                    made,
                    System.Text.Json.JsonSerializer.Serialize(
                        new ModelSummary
                        {
                            Name = name,
                            LatestVersion = 1,
                            Aliases = new Dictionary<string, int>(),
                            CreatedAt = made,
                            UpdatedAt = made,
                        },
                        ContractsJson.Options
                    )
                ),
                cancellationToken
            );
        try
        {
            await using var tab = await browser.OpenAsync(world.Silo.Url);
            await tab.SignInAsync(ConsoleWorld.Key, "/console/models");
            await tab.Page.GetByLabel("Name begins with").FillAsync("many-");
            await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
            await Expect(tab.Page.Locator("tbody tr")).ToHaveCountAsync(20);
            await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
            await Expect(tab.Page)
                .ToHaveURLAsync(world.Silo.Url + "/console/models?prefix=many-&offset=20");
            await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
            await Expect(tab.Page.Locator("tbody tr")).ToHaveCountAsync(5);
            await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Older" }))
                .ToHaveCountAsync(0);
            await tab
                .Page.GetByRole(AriaRole.Link, new() { Name = "Newest", Exact = true })
                .ClickAsync();
            await Expect(tab.Page.Locator("tbody tr")).ToHaveCountAsync(20);
        }
        finally
        {
            foreach (var name in names)
                await catalog.RemoveAsync(CatalogKinds.Model, name, cancellationToken);
        }
    }
}
