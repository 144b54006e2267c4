using OrleansMl.Client.Tests;

namespace OrleansMl.Cli.Tests.Serving;

public sealed class PredictCommandTests
{
    private static readonly object Answer = new
    {
        model = "churn",
        version = 7,
        predictions = new[]
        {
            new
            {
                label = "true",
                probability = 0.75,
                outputs = new { churned = true },
            },
        },
    };

    [Fact]
    public async Task Values_of_a_row_are_numbers_truth_values_lists_or_text()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("POST", "/api/v1/models/churn/predict", Answer);

        var run = await CliRun.Of(
            gateway,
            "predict",
            "churn",
            "--row",
            "age=41",
            "city=Oslo",
            "paid=true",
            "zip=0123",
            "v=[1,2]",
            "name=\"5\""
        );

        Assert.Equal(0, run.Code);
        Assert.Matches("0 +true +0.7500", run.Out);
        Assert.Equal(
            """{"instances":[{"age":41,"city":"Oslo","paid":true,"zip":"0123","v":[1,2],"name":"5"}]}""",
            Assert.Single(gateway.Requests).Text
        );
    }

    [Fact]
    public async Task An_explanation_is_asked_for_and_its_largest_contribution_comes_first()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/models/churn/predict",
            new
            {
                model = "churn",
                version = 7,
                predictions = new[]
                {
                    new
                    {
                        label = "true",
                        outputs = new
                        {
                            churned = true,
                            explanation_age = new[] { 0.125 },
                            explanation_v = new[] { 0.25, -0.5 },
                            explanation_value = 0.75,
                            explanation_base = 0.875,
                            explanation_target = 0,
                        },
                    },
                },
            }
        );

        var run = await CliRun.Of(
            gateway,
            "predict",
            "churn",
            "--row",
            "age=41",
            "--explain",
            "shapley-sampling",
            "--samples",
            "8"
        );

        Assert.Equal(0, run.Code);
        Assert.Matches(@"(?s)v\[1\] +-0.5.*v\[0\] +\+0.25.*age +\+0.125", run.Out);
        Assert.Contains("0.75, of the baseline 0.875", run.Out);
        var sent = Assert.Single(gateway.Requests).Text;
        Assert.Contains("\"method\":\"shapley-sampling\"", sent);
        Assert.Contains("\"samples\":8", sent);
        Assert.Contains("\"baseline\":\"mean\"", sent);
    }

    [Theory]
    [InlineData("""[{"age":1},{"age":2}]""")]
    [InlineData("""{"instances":[{"age":1},{"age":2}]}""")]
    public async Task Examples_come_from_json_in_either_form(string input)
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("POST", "/api/v1/models/churn/versions/champion/predict", Answer);

        var run = await CliRun.Of(
            gateway,
            input,
            false,
            TestContext.Current.CancellationToken,
            "predict",
            "churn@champion",
            "--file",
            "-",
            "--json"
        );

        Assert.Equal(7, run.Json.GetProperty("version").GetInt32());
        Assert.Equal(
            """{"instances":[{"age":1},{"age":2}]}""",
            Assert.Single(gateway.Requests).Text
        );
    }

    [Theory]
    [InlineData("{")]
    [InlineData("3")]
    [InlineData("[1,2]")]
    [InlineData("""[{"a":1,"a":2}]""")]
    public async Task Other_json_exits_2(string input)
    {
        await using var gateway = await FakeGateway.StartAsync();

        var run = await CliRun.Of(
            gateway,
            input,
            false,
            TestContext.Current.CancellationToken,
            "predict",
            "churn",
            "--file",
            "-"
        );

        Assert.Equal(2, run.Code);
        Assert.Contains("is not a JSON list of objects", run.Error);
        Assert.Empty(gateway.Requests);
    }
}
