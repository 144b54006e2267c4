using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using OrleansMl.Client.Tests;

namespace OrleansMl.Cli.Tests;

public sealed class OmlProgramTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("train")]
    [InlineData("runs compare only-one")]
    [InlineData("dataset rm fashion")]
    [InlineData("dataset rm fashion@1 --all-versions")]
    [InlineData("dataset rows fashion --limit many")]
    [InlineData("model alias fashion champion")]
    [InlineData("model alias fashion champion 3 --remove")]
    [InlineData("predict fashion")]
    [InlineData("predict fashion --row a=1 --file x.json")]
    [InlineData("evaluate fashion --images x")]
    [InlineData("evaluate fashion --dataset d --batch-size 0")]
    public async Task A_wrong_command_line_exits_2_and_asks_nothing_of_the_cluster(string line)
    {
        await using var gateway = await FakeGateway.StartAsync();

        var run = await CliRun.Of(gateway, line.Split(' '));

        Assert.Equal(2, run.Code);
        Assert.NotEqual("", run.Error);
        Assert.Empty(gateway.Requests);
    }

    [Theory]
    [InlineData("dataset show No!")]
    [InlineData("dataset import No! Cli.csv")]
    [InlineData("dataset import fine missing.csv")]
    [InlineData("dataset import fine missing.csv --column zip=string")]
    [InlineData("train missing.yaml")]
    [InlineData("runs show No!")]
    [InlineData("model show fashion@")]
    [InlineData("predict churn --row age")]
    [InlineData("predict churn --row age=1 age=2")]
    [InlineData("predict fashion --images missing.gz")]
    public async Task Input_that_can_not_be_right_exits_2_and_names_itself(string line)
    {
        await using var gateway = await FakeGateway.StartAsync();

        var run = await CliRun.Of(gateway, line.Split(' '));

        Assert.Equal(2, run.Code);
        Assert.StartsWith("error: ", run.Error);
        Assert.Empty(gateway.Requests);
    }

    [Theory]
    [InlineData(404, "not_found", 3)]
    [InlineData(409, "conflict", 4)]
    [InlineData(409, "not_comparable", 4)]
    [InlineData(400, "invalid_input", 2)]
    [InlineData(413, "body_too_large", 2)]
    [InlineData(401, "unauthorized", 1)]
    [InlineData(500, "internal", 1)]
    public async Task Errors_of_the_cluster_have_exit_codes_of_their_own(
        int status,
        string code,
        int exit
    )
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.On(
            "GET",
            "/api/v1/runs/r1",
            (context, _) => FakeGateway.Error(context, status, code, "what went wrong")
        );

        var text = await CliRun.Of(gateway, "runs", "show", "r1");
        var json = await CliRun.Of(gateway, "runs", "show", "r1", "--json");

        Assert.Equal((exit, "", "error: what went wrong\n"), (text.Code, text.Out, text.Error));
        Assert.Equal(exit, json.Code);
        Assert.Equal($$"""{"error":"what went wrong","code":"{{code}}"}""" + "\n", json.Error);
    }

    [Fact]
    public async Task A_cluster_out_of_reach_exits_5_and_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var run = await CliRun.Of(
            null,
            "",
            false,
            Token,
            "status",
            "--url",
            $"http://127.0.0.1:{port}"
        );

        Assert.Equal(5, run.Code);
        Assert.Contains($"127.0.0.1:{port}", run.Error);
    }

    [Fact]
    public async Task An_address_that_is_none_exits_2()
    {
        var run = await CliRun.Of(null, "", false, Token, "status", "--url", "nonsense");

        Assert.Equal(2, run.Code);
        Assert.Contains("'nonsense' is not an absolute http or https address", run.Error);
    }

    [Fact]
    public async Task An_interrupted_command_exits_130()
    {
        await using var gateway = await FakeGateway.StartAsync();
        using var interrupt = new CancellationTokenSource();
        gateway.On(
            "GET",
            "/api/v1/status",
            async (context, _) =>
            {
                await interrupt.CancelAsync();
                await Task.Delay(
                    Timeout.InfiniteTimeSpan,
                    TimeProvider.System,
                    context.RequestAborted
                );
            }
        );

        var run = await CliRun.Of(gateway, "", false, interrupt.Token, "status");

        Assert.Equal((130, ""), (run.Code, run.Out));
    }

    [Fact]
    public async Task Every_command_has_a_description_and_its_help_an_example()
    {
        foreach (var path in Paths(new OmlProgram(CliEnvironment.OfProcess()).Build(), []))
        {
            var run = await CliRun.Of(null, "", false, Token, [.. path, "--help"]);

            var name = string.Join(' ', path);
            Assert.Equal(0, run.Code);
            Assert.Contains("Description:", run.Out);
            Assert.Contains("Examples:", run.Out);
            Assert.Contains(
                $"  oml {name}".TrimEnd(),
                run.Out[run.Out.IndexOf("Examples:", StringComparison.Ordinal)..]
            );
        }
    }

    private static IEnumerable<string[]> Paths(Command command, string[] path)
    {
        yield return path;
        foreach (var sub in command.Subcommands.SelectMany(c => Paths(c, [.. path, c.Name])))
            yield return sub;
    }
}
