using System.Text;
using OrleansMl.Client.Tests;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Cli.Tests.Trust;

public sealed class TokenCommandTests
{
    [Fact]
    public async Task Issue_sends_what_is_wanted_and_prints_the_token_alone()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/cluster-tokens",
            new ClusterTokenAnswer
            {
                Token = "omlt_a.b",
                Subject = "shop",
                Permissions = "predict",
                Models = ["shop-*"],
                ExpiresAt = DateTimeOffset.UnixEpoch,
                ExpiresInSeconds = 300,
            },
            201
        );

        var run = await CliRun.Of(
            gateway,
            "token",
            "issue",
            "--role",
            "predictor",
            "--model",
            "shop-*",
            "--minutes",
            "5"
        );

        Assert.Equal(0, run.Code);
        Assert.Equal("omlt_a.b", run.Out.Trim());
        Assert.Contains("shop may predict on shop-*", run.Error, StringComparison.Ordinal);
        var body = Encoding.UTF8.GetString(Assert.Single(gateway.Requests).Body);
        Assert.Contains("\"roles\":[\"predictor\"]", body, StringComparison.Ordinal);
        Assert.Contains("\"models\":[\"shop-*\"]", body, StringComparison.Ordinal);
        Assert.Contains("\"lifetimeSeconds\":300", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotate_says_from_when_on_the_new_key_signs()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/cluster-tokens/key/rotate",
            new ClusterKeyAnswer { Id = "k2", SignsFrom = DateTimeOffset.UnixEpoch }
        );

        var run = await CliRun.Of(gateway, "token", "rotate-key");

        Assert.Equal(0, run.Code);
        Assert.Contains("key k2 signs from", run.Out, StringComparison.Ordinal);
    }
}
