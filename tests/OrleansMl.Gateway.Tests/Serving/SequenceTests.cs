using System.Text.Json;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Tests.Operations;
using OrleansMl.Gateway.Tests.Serving.Grpc;

namespace OrleansMl.Gateway.Tests.Serving;

public sealed class SequenceTests(GatewayCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly SequencePolicy Sequences = new()
    {
        States = [new SequenceStateSpec { Input = "x", Output = "y" }],
        IdleSeconds = 60,
    };

    [Fact]
    public async Task Sequence_parameters_reach_the_sequence_over_HTTP_and_gRPC_alike()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        Add("seq-both", new ServingPolicy { Sequences = Sequences });

        var answer = await InferAsync(
            world.Gateway,
            "seq-both",
            """{"sequence_id":17,"sequence_start":true,"sequence_end":true,"sequence_step":3}"""
        );
        var request = Message("seq-both");
        request.Parameters["sequence_id"] = new() { Int64Param = 17 };
        request.Parameters["sequence_start"] = new() { BoolParam = true };
        request.Parameters["sequence_end"] = new() { BoolParam = true };
        request.Parameters["sequence_step"] = new() { Int64Param = 3 };
        await world.Client.ModelInferAsync(request, cancellationToken: Token);

        var expected = new InferenceParameters
        {
            SequenceId = "17",
            SequenceStart = true,
            SequenceEnd = true,
            SequenceStep = 3,
        };
        Assert.Equal([expected, expected], world.Gateway.Sequences.Calls);
        // The sequence's version, not the one that the model is routed to now.
        Assert.Equal("1", answer.GetProperty("model_version").GetString());
    }

    [Theory]
    [InlineData("""{"sequence_id":1,"sequence_step":-1}""")]
    [InlineData("""{"sequence_id":1,"sequence_step":"2"}""")]
    public async Task A_step_that_is_no_number_is_a_bad_request(string parameters)
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("seq-bad", new ServingPolicy { Sequences = Sequences });

        await gateway.RefusedAsync(
            HttpMethod.Post,
            "/v2/models/seq-bad/infer",
            Body(parameters),
            400,
            "invalid_input"
        );
        Assert.Empty(gateway.Sequences.Calls);
    }

    [Fact]
    public async Task Without_the_policys_section_the_parameters_mean_nothing()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("seq-none", ServingPolicy.Default);

        var answer = await InferAsync(gateway, "seq-none", """{"sequence_id":"s"}""");

        Assert.Equal("2", answer.GetProperty("model_version").GetString());
        Assert.Empty(gateway.Sequences.Calls);
    }

    [Fact]
    public async Task A_call_of_a_sequence_names_no_prediction()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var traffic = new TrafficPolicy
        {
            Split = [new TrafficShare { Version = "2", Weight = 1 }],
        };
        Add("seq-traffic", new ServingPolicy { Sequences = Sequences, Traffic = traffic });
        cluster.World.Traffic["seq-traffic"] = new TrafficRouting
        {
            Experiment = 1,
            Policy = traffic,
        };

        using var plain = await gateway.Http.PostAsync(
            "/v2/models/seq-traffic/infer",
            Body("{}"),
            Token
        );
        using var call = await gateway.Http.PostAsync(
            "/v2/models/seq-traffic/infer",
            Body("""{"sequence_id":1}"""),
            Token
        );

        Assert.True(plain.Headers.Contains("X-Prediction-Id"));
        Assert.False(call.Headers.Contains("X-Prediction-Id"));
        Assert.Single(gateway.Sequences.Calls);
    }

    [Fact]
    public async Task A_cached_answer_says_so_over_HTTP_and_gRPC()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        Add("cache-m", new ServingPolicy { Cache = new CachePolicy() });

        using var first = await world.Gateway.Http.PostAsync(
            "/v2/models/cache-m/infer",
            Body("{}"),
            Token
        );
        using var second = await world.Gateway.Http.PostAsync(
            "/v2/models/cache-m/infer",
            Body("{}"),
            Token
        );
        var third = await world.Client.ModelInferAsync(
            Message("cache-m"),
            cancellationToken: Token
        );

        Assert.False(first.Headers.Contains("X-Cache"));
        Assert.Equal("hit", Assert.Single(second.Headers.GetValues("X-Cache")));
        Assert.Equal(
            await first.Content.ReadAsStringAsync(Token),
            await second.Content.ReadAsStringAsync(Token)
        );
        Assert.True(third.Parameters["cached"].BoolParam);
        Assert.Equal(
            [1, 2],
            third.RawOutputContents[0].ToByteArray().Chunk(8).Select(b => BitConverter.ToInt64(b))
        );
    }

    [Fact]
    public async Task The_configuration_tells_of_sequences_and_cache()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        Add("seq-config", new ServingPolicy { Sequences = Sequences, Cache = new CachePolicy() });

        var config = (
            await world.Client.ModelConfigAsync(
                new() { Name = "seq-config" },
                cancellationToken: Token
            )
        ).Config;
        var json = await world.Gateway.GetAsync<JsonElement>("/v2/models/seq-config/config");

        Assert.Equal(60_000_000UL, config.SequenceBatching.MaxSequenceIdleMicroseconds);
        var state = Assert.Single(config.SequenceBatching.State);
        Assert.Equal(
            ("x", "y", DataType.TypeInt64),
            (state.InputName, state.OutputName, state.DataType)
        );
        Assert.Equal(10_000, config.SequenceBatching.Oldest.MaxCandidateSequences);
        Assert.True(config.ResponseCache.Enable);
        Assert.Null(config.DynamicBatching);
        var batching = json.GetProperty("sequence_batching");
        Assert.Equal(60_000_000, batching.GetProperty("max_sequence_idle_microseconds").GetInt64());
        Assert.Equal("y", batching.GetProperty("state")[0].GetProperty("output_name").GetString());
        Assert.True(json.GetProperty("response_cache").GetProperty("enable").GetBoolean());
    }

    private void Add(string model, ServingPolicy policy)
    {
        GrpcWorld.AddEcho(cluster, model, "INT64", versions: 2);
        cluster.World.Policies[model] = new ServingPolicySnapshot
        {
            Model = model,
            Revision = 1,
            Policy = policy,
        };
    }

    private static Task<JsonElement> InferAsync(
        TestGateway gateway,
        string model,
        string parameters
    ) =>
        gateway.SendAsync<JsonElement>(
            HttpMethod.Post,
            $"/v2/models/{model}/infer",
            Body(parameters)
        );

    private static StringContent Body(string parameters) =>
        TestGateway.Json(
            $$"""{"parameters":{{parameters}},"inputs":[{"name":"x","shape":[2],"datatype":"INT64","data":[1,2]}]}"""
        );

    private static ModelInferRequest Message(string model)
    {
        var request = new ModelInferRequest { ModelName = model };
        var input = new ModelInferRequest.Types.InferInputTensor
        {
            Name = "x",
            Datatype = "INT64",
            Contents = new InferTensorContents(),
        };
        input.Shape.Add(2);
        input.Contents.Int64Contents.Add([1, 2]);
        request.Inputs.Add(input);
        return request;
    }
}
