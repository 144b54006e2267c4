using OrleansMl.Client.Tests;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Cli.Tests.Serving;

public sealed class PipelineCommandTests : IDisposable
{
    private const string Yaml = "{steps: [{name: a, model: net}], outputs: {p: a.p}}";
    private readonly string _file = Path.GetTempFileName();

    public PipelineCommandTests() => File.WriteAllText(_file, Yaml);

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Save_sends_the_document_once_by_its_command_id()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("PUT", "/api/v1/pipelines/pipe", Version(), 201);

        var run = await CliRun.Of(gateway, "pipeline", "save", "pipe", _file, "--expected", "1");

        Assert.Equal(0, run.Code);
        Assert.Contains("saved pipe@2", run.Out);
        var request = Assert.Single(gateway.Requests);
        Assert.Equal(Yaml, request.Text);
        Assert.StartsWith("?expected=1&commandId=", request.Query);
    }

    [Fact]
    public async Task Check_and_show_tell_what_it_takes_and_gives()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("POST", "/api/v1/pipelines/validate", Version().Signature);
        gateway.OnJson("GET", "/api/v1/pipelines/pipe", Version());

        var check = await CliRun.Of(gateway, "pipeline", "check", _file);
        var show = await CliRun.Of(gateway, "pipeline", "show", "pipe@2");

        Assert.Equal((0, 0), (check.Code, show.Code));
        Assert.Matches("output +p +FP32 +N×2", check.Out);
        Assert.Contains(Yaml, show.Out);
        Assert.Equal("?reference=2", gateway.Requests.Last().Query);
    }

    [Fact]
    public async Task What_is_wrong_is_told_with_its_place_and_exits_as_bad_input()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/pipelines/validate",
            new ApiError
            {
                Error = "The pipeline has an error",
                Code = "invalid_config",
                Details =
                [
                    new ApiErrorDetail
                    {
                        Line = 3,
                        Column = 5,
                        Message = "no such model",
                    },
                ],
            },
            400
        );

        var run = await CliRun.Of(gateway, "pipeline", "check", _file);

        Assert.Equal(2, run.Code);
        Assert.Contains("line 3, column 5: no such model", run.Error);
    }

    private static ModelVersionSnapshot Version() =>
        new()
        {
            Id = new ModelVersionId("pipe", 2),
            Onnx = ArtifactId.Of("x"u8),
            Signature = new ModelSignature
            {
                Inputs =
                [
                    new TensorSignature
                    {
                        Name = "x",
                        Datatype = "FP32",
                        Shape = [-1, 2],
                    },
                ],
                Outputs =
                [
                    new TensorSignature
                    {
                        Name = "p",
                        Datatype = "FP32",
                        Shape = [-1, 2],
                    },
                ],
            },
            Lineage = new ModelLineage(),
            Pipeline = Yaml,
        };
}
