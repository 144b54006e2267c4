using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed class InferenceTests(GatewayCluster cluster)
{
    private const string Body =
        """{"id":"q1","inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";

    private void AddModel(string name, int versions = 2, int? champion = null)
    {
        cluster.World.Models[name] = new ModelSnapshot
        {
            Name = name,
            LatestVersion = versions,
            Aliases = champion is { } version
                ? new Dictionary<string, int> { ["champion"] = version }
                : new Dictionary<string, int>(),
        };
        for (var i = 1; i <= versions; i++)
            cluster.World.Versions[$"{name}@{i}"] = new ModelVersionSnapshot
            {
                Id = new ModelVersionId(name, i),
                Onnx = default,
                Signature = ScriptedEngine.Signature with { ClassLabels = ["a", "b", "c"] },
                Lineage = new ModelLineage(),
            };
        cluster.World.Answers[name] = Answer;
    }

    // Scores that tell which version answered and what it got.
    private static InferenceResponse Answer(string key, InferenceRequest request)
    {
        var version = ModelVersionId.Parse(key);
        if (request.Inputs.Any(input => input.Name != "x"))
            throw new InvalidInputException($"model {key}: there is no input.");
        var x = request.Inputs[0].Data.Span;
        var data = new byte[12];
        for (var i = 0; i < 3; i++)
            BinaryPrimitives.WriteSingleLittleEndian(
                data.AsSpan(i * 4),
                i < 2 ? BinaryPrimitives.ReadSingleLittleEndian(x[(i * 4)..]) : 0.5f
            );
        return new InferenceResponse
        {
            Model = version.Name,
            Version = version.Version,
            Outputs =
            [
                new InferenceTensor
                {
                    Name = "scores",
                    Datatype = "FP32",
                    Shape = [1, 3],
                    Data = data,
                },
            ],
        };
    }

    private static Task<JsonElement> InferAsync(
        TestGateway gateway,
        string path,
        string body = Body
    ) =>
        gateway.SendAsync<JsonElement>(
            HttpMethod.Post,
            $"/v2/models/{path}/infer",
            TestGateway.Json(body)
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_is_answered_in_the_protocol_locally_or_by_the_grain(bool isLocal)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        gateway.Predictor.Available = isLocal;
        AddModel("in-basic");
        var before = cluster.World.Calls.Count(call => call == "predictor/in-basic@2");

        var answer = await InferAsync(gateway, "in-basic");

        Assert.Equal(
            """{"model_name":"in-basic","model_version":"2","id":"q1","outputs":[{"name":"scores","datatype":"FP32","shape":[1,3],"data":[1,2,0.5]}]}""",
            answer.GetRawText()
        );
        Assert.Equal(
            isLocal ? 0 : 1,
            cluster.World.Calls.Count(call => call == "predictor/in-basic@2") - before
        );
    }

    [Theory]
    [InlineData("in-route", "1")]
    [InlineData("in-route/versions/champion", "1")]
    [InlineData("in-route/versions/latest", "3")]
    [InlineData("in-route/versions/2", "2")]
    public async Task The_champion_answers_unless_a_version_is_named(string path, string version)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("in-route", versions: 3, champion: 1);

        var answer = await InferAsync(gateway, path);

        Assert.Equal(version, answer.GetProperty("model_version").GetString());
    }

    [Fact]
    public async Task A_moved_alias_answers_the_next_request_of_this_gateway()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("in-moved", champion: 1);
        await InferAsync(gateway, "in-moved");

        await gateway.SendAsync<ModelSnapshot>(
            HttpMethod.Put,
            "/api/v1/models/in-moved/aliases/champion",
            TestGateway.Json("""{"version":2}""")
        );

        Assert.Equal(
            "2",
            (await InferAsync(gateway, "in-moved")).GetProperty("model_version").GetString()
        );
    }

    [Fact]
    public async Task Classification_gives_the_best_classes_with_their_labels()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("in-classes");

        var answer = await InferAsync(
            gateway,
            "in-classes",
            """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[0.25,2]}],"outputs":[{"name":"scores","parameters":{"classification":2}}]}"""
        );

        Assert.Equal(
            """[{"name":"scores","datatype":"BYTES","shape":[1,2],"data":["2:1:b","0.5:2:c"]}]""",
            answer.GetProperty("outputs").GetRawText()
        );
        Assert.False(answer.TryGetProperty("id", out _));
    }

    [Fact]
    public async Task Metadata_and_readiness_follow_the_protocol()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("in-meta");

        var server = await gateway.GetAsync<JsonElement>("/v2");
        var model = await gateway.GetAsync<JsonElement>("/v2/models/in-meta");
        var ready = await gateway.GetAsync<JsonElement>("/v2/models/in-meta/versions/1/ready");
        var live = await gateway.GetAsync<JsonElement>("/v2/health/live");
        var serverReady = await gateway.GetAsync<JsonElement>("/v2/health/ready");

        Assert.Equal("orleansml", server.GetProperty("name").GetString());
        Assert.Equal("in-meta", model.GetProperty("name").GetString());
        Assert.Equal("2", model.GetProperty("versions")[0].GetString());
        Assert.Equal(
            """[{"name":"x","datatype":"FP32","shape":[-1,2]}]""",
            model.GetProperty("inputs").GetRawText()
        );
        Assert.Equal("scores", model.GetProperty("outputs")[0].GetProperty("name").GetString());
        Assert.True(ready.GetProperty("ready").GetBoolean());
        Assert.True(live.GetProperty("live").GetBoolean());
        Assert.True(serverReady.GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task What_the_predictor_refuses_or_cannot_do_has_its_status()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        gateway.Predictor.Available = false;
        AddModel("in-fault");

        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/v2/models/in-fault/infer",
            TestGateway.Json(Body.Replace("\"x\"", "\"y\"", StringComparison.Ordinal)),
            400,
            "invalid_input"
        );
        foreach (
            var (fault, status, code) in new (Func<Exception>, int, string)[]
            {
                (() => new OverloadedException("busy"), 429, "overloaded"),
                (() => new UnavailableException("loading"), 503, "unavailable"),
            }
        )
        {
            cluster.World.Faults["in-fault@2"] = fault;
            await gateway.RefusedAsync(
                HttpMethod.Post,
                "/v2/models/in-fault/infer",
                TestGateway.Json(Body),
                status,
                code
            );
        }
    }

    [Theory]
    [InlineData("in-refused/versions/9", Body, 404, "not_found", "in-refused@9")]
    [InlineData("in-refused/versions/none", Body, 404, "not_found", "none")]
    [InlineData("UPPER", Body, 400, "invalid_request", "UPPER")]
    [InlineData("in-refused", "{", 400, "invalid_request", "JSON")]
    [InlineData("in-refused", "", 400, "invalid_request", "JSON")]
    [InlineData("in-refused", Body + "x", 400, "invalid_request", "JSON")]
    [InlineData(
        "in-refused",
        """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""",
        400,
        "invalid_input",
        "binary_data_size"
    )]
    public async Task A_request_that_cannot_be_served_says_why(
        string path,
        string body,
        int status,
        string code,
        string named
    )
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("in-refused");

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            $"/v2/models/{path}/infer",
            TestGateway.Json(body),
            status,
            code
        );

        Assert.Contains(named, error.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_null_is_a_missing_value_where_the_model_allows_it(bool allows)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var name = allows ? "in-missing" : "in-complete";
        AddModel(name, versions: 1);
        var version = cluster.World.Versions[$"{name}@1"];
        cluster.World.Versions[$"{name}@1"] = version with
        {
            Signature = version.Signature with
            {
                Inputs = [version.Signature.Inputs[0] with { AllowsMissing = allows }],
            },
        };
        var body = Body.Replace("[1,2]}", "[1,null]}", StringComparison.Ordinal);

        if (allows)
        {
            var answer = await InferAsync(gateway, name, body);
            // The scripted model gives back what it got: NaN, which JSON writes as null.
            Assert.Equal(
                "[1,null,0.5]",
                answer.GetProperty("outputs")[0].GetProperty("data").GetRawText()
            );
            return;
        }
        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            $"/v2/models/{name}/infer",
            TestGateway.Json(body),
            400,
            "invalid_input"
        );
        Assert.Contains("'x'", error.Error, StringComparison.Ordinal);
        Assert.Contains("null at element 1", error.Error, StringComparison.Ordinal);
        Assert.Contains("trained without missing values", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_nested_deeper_than_100_is_refused_and_100_is_read()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("in-deep");

        // The outermost object is one level of nesting.
        string Nested(int depth) =>
            $$"""{"more":{{new string('[', depth - 1)}}{{new string(']', depth - 1)}},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";

        await InferAsync(gateway, "in-deep", Nested(100));
        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/v2/models/in-deep/infer",
            TestGateway.Json(Nested(101)),
            400,
            "invalid_request"
        );

        Assert.Contains("100", error.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused_with_or_without_a_length(bool hasLength)
    {
        await using var gateway = await TestGateway.StartAsync(
            cluster,
            options => options.MaxInferenceBytes = 1000
        );
        AddModel("in-large");
        gateway.Http.DefaultRequestHeaders.TransferEncodingChunked = !hasLength;

        var error = await gateway.RefusedAsync(
            HttpMethod.Post,
            "/v2/models/in-large/infer",
            TestGateway.Json(new string(' ', 200_000)),
            413,
            "body_too_large"
        );
        await InferAsync(gateway, "in-large", Body + new string(' ', 1000 - Body.Length));

        Assert.Contains("Gateway:MaxInferenceBytes", error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_another_type_is_refused()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("in-type");

        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/v2/models/in-type/infer",
            new StringContent(Body),
            415,
            "unsupported_media_type"
        );
    }

    [Fact]
    public async Task Requests_at_a_time_never_see_each_others_tensors()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        AddModel("in-many");

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 200),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = 8,
                CancellationToken = TestContext.Current.CancellationToken,
            },
            async (i, _) =>
            {
                var answer = await InferAsync(
                    gateway,
                    "in-many",
                    $$"""{"id":"{{i}}","inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[{{i}},{{-i}}]}]}"""
                );
                Assert.Equal($"{i}", answer.GetProperty("id").GetString());
                Assert.Equal(
                    $"[{i},{-i},0.5]".Replace("-0", i == 0 ? "0" : "-0", StringComparison.Ordinal),
                    answer.GetProperty("outputs")[0].GetProperty("data").GetRawText()
                );
            }
        );
    }
}
