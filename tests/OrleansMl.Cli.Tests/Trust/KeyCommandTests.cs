using System.Text;
using OrleansMl.Client.Tests;
using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Cli.Tests.Trust;

public sealed class KeyCommandTests
{
    private static readonly ApiKeySnapshot Key = new()
    {
        Id = "4f7k2m9x",
        Name = "shop",
        Roles = [AccessRole.Predictor],
        Models = ["shop-*"],
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public async Task Create_sends_the_key_and_shows_its_secret_once()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/keys",
            new ApiKeyAnswer { Key = Key, Secret = "oml_4f7k2m9x_secret" },
            201
        );

        var run = await CliRun.Of(
            gateway,
            "key",
            "create",
            "shop",
            "--role",
            "predictor",
            "--model",
            "shop-*"
        );

        Assert.Equal(0, run.Code);
        Assert.Contains("\noml_4f7k2m9x_secret\n", run.Out, StringComparison.Ordinal);
        var body = Encoding.UTF8.GetString(Assert.Single(gateway.Requests).Body);
        Assert.Contains("\"roles\":[\"predictor\"]", body, StringComparison.Ordinal);
        Assert.Contains("\"models\":[\"shop-*\"]", body, StringComparison.Ordinal);
        Assert.Contains("\"commandId\":", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_secret_says_what_to_do()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("POST", "/api/v1/keys", new ApiKeyAnswer { Key = Key }, 201);

        var run = await CliRun.Of(gateway, "key", "create", "shop", "--role", "predictor");

        Assert.Contains("oml key rotate 4f7k2m9x", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoke_names_silos_that_have_not_confirmed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "DELETE",
            "/api/v1/keys/4f7k2m9x",
            new ApiKeyAnswer
            {
                Key = Key,
                Confirmed = ["silo-1"],
                Unconfirmed = ["silo-2"],
                WithinSeconds = 60,
            }
        );

        var run = await CliRun.Of(gateway, "key", "revoke", "4f7k2m9x");

        Assert.Equal(0, run.Code);
        Assert.Contains("is revoked", run.Out, StringComparison.Ordinal);
        Assert.Contains(
            "not confirmed yet by silo-2: there it holds within 60 s",
            run.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Audit_passes_its_filters_on_and_lists()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "GET",
            "/api/v1/audit",
            new AuditPage
            {
                Items =
                [
                    new AuditRecord
                    {
                        Id = 7,
                        At = DateTimeOffset.UnixEpoch,
                        Actor = "ci",
                        Action = "model.alias.move",
                        Subject = "model/fashion",
                        Outcome = AuditOutcome.Done,
                        Detail = "champion -> version 3",
                        Request = "r",
                    },
                ],
            }
        );

        var run = await CliRun.Of(gateway, "audit", "--subject", "model/fashion", "--limit", "5");

        Assert.Contains("champion -> version 3", run.Out, StringComparison.Ordinal);
        var request = Assert.Single(gateway.Requests);
        Assert.Contains("subject=model%2Ffashion", request.Query, StringComparison.Ordinal);
        Assert.Contains("limit=5", request.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limit_sends_what_was_given_and_nothing_else()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "PUT",
            "/api/v1/keys/4f7k2m9x/limits",
            new ApiKeyAnswer
            {
                Key = Key with
                {
                    Limits = new LimitPolicy { RequestsPerSecond = 50, RequestBurst = 200 },
                },
            }
        );

        var run = await CliRun.Of(
            gateway,
            "key",
            "limit",
            "4f7k2m9x",
            "--requests-per-second",
            "50",
            "--request-burst",
            "200"
        );

        Assert.Equal(0, run.Code);
        Assert.Contains("50 requests/s (burst 200)", run.Out, StringComparison.Ordinal);
        var body = Encoding.UTF8.GetString(Assert.Single(gateway.Requests).Body);
        Assert.Contains("\"requestsPerSecond\":50", body, StringComparison.Ordinal);
        Assert.DoesNotContain("rowsPerSecond", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_shows_counts_and_what_is_left()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "GET",
            "/api/v1/keys/4f7k2m9x/usage",
            new UsageAnswer
            {
                Subject = "4f7k2m9x",
                Limits = new LimitPolicy { RequestsPerDay = 2000 },
                Day = new DateOnly(2026, 11, 24),
                Today = new UsageCounts { Requests = 1234, Refused = 5 },
                Month = new UsageCounts { Requests = 4321 },
                Remaining = new QuotaRest { RequestsToday = 766 },
            }
        );

        var run = await CliRun.Of(gateway, "key", "usage", "4f7k2m9x");

        Assert.Equal(0, run.Code);
        foreach (var text in new[] { "2000 requests/day", "2026-11-24", "1,234", "766", "4,321" })
            Assert.Contains(text, run.Out, StringComparison.Ordinal);
    }
}
