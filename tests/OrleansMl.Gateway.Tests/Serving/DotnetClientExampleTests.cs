using OrleansMl.Examples.DotnetClient;
using OrleansMl.Gateway.Tests.Operations;
using OrleansMl.Gateway.Tests.Serving.Grpc;

namespace OrleansMl.Gateway.Tests.Serving;

/// <summary>The app in examples/dotnet-client, against the real gateway.</summary>
public sealed class DotnetClientExampleTests(GatewayCluster cluster)
{
    [Theory]
    [InlineData("FP32", "x=1.5,2,-3", "y = 1.5, 2, -3")]
    [InlineData("INT64", "x=7,8", "y = 7, 8")]
    [InlineData("BYTES", "x=Oslo,Rome", "y = Oslo, Rome")]
    public async Task It_writes_what_the_model_answers(string datatype, string input, string line)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var model = $"example-{datatype.ToLowerInvariant()}";
        GrpcWorld.AddEcho(cluster, model, datatype);

        var (code, output, error) = await RunAsync(gateway, model, input);

        Assert.True(code == 0, error);
        Assert.Equal(
            [$"{model}@1", line],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        );
    }

    [Theory]
    [InlineData("nobody", "x=1", 1, "not_found")]
    [InlineData("example", "z=1", 1, "'z'")]
    [InlineData("example", "x=Oslo", 1, "takes no texts")]
    [InlineData("example", "x", 2, "usage")]
    public async Task It_says_what_was_wrong(string model, string input, int expected, string says)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "example", "FP32");

        var (code, output, error) = await RunAsync(gateway, model, input);

        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_gives_up_where_nobody_listens()
    {
        var error = new StringWriter();

        var code = await AskModel.RunAsync(
            ["http://127.0.0.1:1", "example", "x=1"],
            TextWriter.Null,
            error
        );

        Assert.Equal(1, code);
        Assert.Contains("http://127.0.0.1:1", error.ToString(), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        TestGateway gateway,
        string model,
        string input
    )
    {
        StringWriter output = new() { NewLine = "\n" };
        var error = new StringWriter();
        var code = await AskModel.RunAsync(
            [gateway.Http.BaseAddress!.ToString(), model, input],
            output,
            error
        );
        return (code, output.ToString(), error.ToString());
    }
}
