using Microsoft.Playwright;
using OrleansMl.Console.Tests.Operations;
using OrleansMl.Contracts.Training;
using OrleansMl.Contracts.Trust;
using static Microsoft.Playwright.Assertions;

namespace OrleansMl.Console.Tests.Training;

public sealed class RunPageTests(ConsoleWorld world, Browser browser)
{
    private const string Curve = "#chart-loss-title";

    [Fact]
    public async Task A_run_that_trains_draws_its_curve_on_an_open_page_and_is_cancelled_there()
    {
        var run = await world.SubmitEndlessAsync("endless");
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync(ConsoleWorld.Key, $"/console/runs/{run}");

        await Expect(tab.Page.Locator(Curve)).ToBeVisibleAsync();
        await tab.BeLiveAsync();
        var first = await PointsAsync(tab.Page);
        // Without loading the page anew.
        await tab.Page.EvaluateAsync("window.sameDocument = true");
        await tab.Page.WaitForFunctionAsync(
            "first => [...document.querySelectorAll('polyline')].some(line => Number(line.dataset.points) > first + 3)",
            first
        );
        Assert.True(await tab.Page.EvaluateAsync<bool>("window.sameDocument === true"));
        await Expect(tab.Page.Locator(".bar .pill")).ToHaveTextAsync("running");

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Cancel…" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel the run" }).ClickAsync();
        await Expect(tab.Page.Locator(".bar .pill")).ToHaveTextAsync("cancelled");
        Assert.Equal(
            TrainingRunPhase.Cancelled,
            (await world.Client.Runs.WaitAsync(run, TestContext.Current.CancellationToken)).Phase
        );
        var audit = await world.Client.Keys.AuditAsync(
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.Contains(
            audit.Items,
            record =>
                record is { Action: "run.cancel", Subject: "run/endless", Actor: "root" }
                && record.Outcome == AuditOutcome.Done
        );
        Assert.Empty(tab.Sins);
    }

    [Fact]
    public async Task Without_a_script_the_page_of_an_ended_run_is_whole()
    {
        await using var tab = await browser.OpenAsync(world.Silo.Url, script: false);
        await tab.SignInAsync(ConsoleWorld.Key, $"/console/runs/{world.Run.Id}");

        await Expect(tab.Page.Locator(".bar .pill")).ToHaveTextAsync("succeeded");
        await Expect(tab.Page.Locator("polyline").First).ToBeAttachedAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "moons@1" }).First)
            .ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("Scores of the final model")).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("silo-1/cpu:0")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Runs_are_listed_by_phase()
    {
        await using var tab = await browser.OpenAsync(world.Silo.Url);
        await tab.SignInAsync(ConsoleWorld.Key, "/console/runs");

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Succeeded" }).ClickAsync();
        await Expect(tab.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(tab.Page.Locator("tbody")).ToContainTextAsync("moons@1");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Failed" }).ClickAsync();
        await Expect(tab.Page.GetByText("No run is failed")).ToBeVisibleAsync();
    }

    private static Task<int> PointsAsync(IPage page) =>
        page.EvaluateAsync<int>(
            "Math.max(0, ...[...document.querySelectorAll('polyline')].map(line => Number(line.dataset.points)))"
        );
}
