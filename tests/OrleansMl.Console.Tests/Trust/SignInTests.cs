using System.Net;
using Microsoft.Playwright;
using OrleansMl.Console.Tests.Operations;
using OrleansMl.Contracts.Trust;
using static Microsoft.Playwright.Assertions;

namespace OrleansMl.Console.Tests.Trust;

public sealed class SignInTests(ConsoleWorld world, Browser browser)
{
    [Fact]
    public async Task A_stranger_signs_in_gets_where_he_wanted_and_signs_out()
    {
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync("wrong", "/console/models");
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not known here");

        await tab.Page.GetByLabel("API key").FillAsync(ConsoleWorld.Key);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await Expect(tab.Page).ToHaveURLAsync(world.Silo.Url + "/console/models");
        await Expect(tab.Page.Locator(".who")).ToContainTextAsync("root");
        var cookie = Assert.Single(
            await tab.Context.CookiesAsync([world.Silo.Url + "/console"]),
            each => each.Name == "oml-console"
        );
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, cookie.SameSite);
        Assert.Equal("/console", cookie.Path);
        Assert.DoesNotContain(ConsoleWorld.Key, cookie.Value, StringComparison.Ordinal);

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(tab.Page.GetByLabel("API key")).ToBeVisibleAsync();
        await tab.Page.GotoAsync("/console");
        await Expect(tab.Page)
            .ToHaveURLAsync(world.Silo.Url + "/console/sign-in?return=%2Fconsole");
    }

    [Fact]
    public async Task A_session_is_not_taken_by_the_api()
    {
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync(ConsoleWorld.Key);
        var session = (await tab.Context.CookiesAsync([world.Silo.Url + "/console"])).Single(each =>
            each.Name == "oml-console"
        );
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false })
        {
            BaseAddress = new Uri(world.Silo.Url),
        };
        http.DefaultRequestHeaders.Add("Cookie", $"oml-console={session.Value}");

        using var answer = await http.GetAsync(
            "/api/v1/status",
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_revoked_key_closes_its_open_page_and_ends_its_session()
    {
        var (id, secret) = await world.CreateKeyAsync(AccessRole.Reader);
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync(secret, $"/console/models/{ConsoleWorld.Model}");
        await tab.BeLiveAsync();
        await Expect(tab.Page.Locator("#requests")).ToBeVisibleAsync();

        await world.Client.Keys.RevokeAsync(id, TestContext.Current.CancellationToken);

        await Expect(tab.Page.Locator("p.as-of.closed")).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("#requests")).ToHaveCountAsync(0);
        await tab.Page.GotoAsync("/console/runs");
        await Expect(tab.Page.GetByText("Your session has ended.")).ToBeVisibleAsync();
        await tab.Page.GetByLabel("API key").FillAsync(secret);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("was revoked");
    }

    [Fact]
    public async Task A_page_whose_key_is_revoked_before_it_is_live_says_so_and_leads_to_the_sign_in()
    {
        var (id, secret) = await world.CreateKeyAsync(AccessRole.Reader);
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.ConnectAfterAsync(() =>
            world.Client.Keys.RevokeAsync(id, TestContext.Current.CancellationToken)
        );

        await tab.SignInAsync(secret, $"/console/models/{ConsoleWorld.Model}");

        await Expect(tab.Page.GetByText("This page is not live.")).ToBeVisibleAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Reload the page" }).ClickAsync();
        await Expect(tab.Page)
            .ToHaveURLAsync(
                $"{world.Silo.Url}/console/sign-in?return=%2Fconsole%2Fmodels%2F{ConsoleWorld.Model}"
            );
        await Expect(tab.Page.GetByLabel("API key")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_viewer_of_some_models_sees_those_alone_and_can_change_nothing()
    {
        var (_, secret) = await world.CreateKeyAsync(AccessRole.Reader, ConsoleWorld.OtherModel);
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync(secret, "/console/models");

        await Expect(tab.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(tab.Page.Locator("tbody")).ToContainTextAsync(ConsoleWorld.OtherModel);
        await tab.Page.GotoAsync("/console/runs");
        await Expect(tab.Page.GetByText("No runs yet")).ToBeVisibleAsync();
        await tab.Page.GotoAsync("/console");
        await Expect(tab.Page.Locator("main")).Not.ToContainTextAsync("first");
        foreach (
            var path in new[]
            {
                $"/console/models/{ConsoleWorld.Model}",
                $"/console/models/{ConsoleWorld.Model}/versions/1",
                $"/console/runs/{world.Run.Id}",
                $"/console/models/{ConsoleWorld.OtherModel}/alias?alias=champion&version=1",
            }
        )
        {
            Assert.Equal(403, (await tab.Page.GotoAsync(path))!.Status);
            await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
                .ToHaveTextAsync("Not allowed");
        }
        await tab.Page.GotoAsync($"/console/models/{ConsoleWorld.OtherModel}");
        await Expect(tab.Page.Locator("h1")).ToHaveTextAsync(ConsoleWorld.OtherModel);
        await Expect(tab.Page.GetByText("Point an alias at a version")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_key_that_may_not_read_is_told_so()
    {
        var (_, secret) = await world.CreateKeyAsync(AccessRole.Predictor);
        await using var tab = await browser.OpenAsync(world.Silo.Url);

        await tab.SignInAsync(secret);

        await Expect(tab.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("may not read");
    }

    [Fact]
    public async Task A_form_that_no_page_gave_out_changes_nothing()
    {
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync(ConsoleWorld.Key);
        var cookies = await tab.Context.CookiesAsync([world.Silo.Url + "/console"]);
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false })
        {
            BaseAddress = new Uri(world.Silo.Url),
        };
        http.DefaultRequestHeaders.Add(
            "Cookie",
            string.Join("; ", cookies.Select(cookie => $"{cookie.Name}={cookie.Value}"))
        );
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["alias"] = "forged",
                ["version"] = "1",
                ["expected"] = "0",
            }
        );

        using var answer = await http.PostAsync(
            $"/console/models/{ConsoleWorld.Model}/alias",
            form,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var model = await world.Client.Models.GetAsync(
            ConsoleWorld.Model,
            TestContext.Current.CancellationToken
        );
        Assert.False(model.Aliases.ContainsKey("forged"));
    }

    [Theory]
    [InlineData("/console/runs?phase=failed", "/console/runs?phase=failed")]
    [InlineData("/console", "/console")]
    [InlineData(null, "/console")]
    [InlineData("https://elsewhere.example", "/console")]
    [InlineData("//elsewhere.example", "/console")]
    [InlineData("/console//elsewhere.example", "/console")]
    [InlineData("/consoles", "/console")]
    [InlineData("/console\\elsewhere", "/console")]
    public void Signing_in_leads_to_the_console_alone(string? asked, string target) =>
        Assert.Equal(target, Console.Trust.SignInEndpoints.Target(asked));
}
