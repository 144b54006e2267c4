using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Operations;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving.Grpc;

public sealed class GrpcSurfaceTests(GatewayCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_and_metadata_tell_what_HTTP_tells()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "gm-model", "INT64", versions: 3);
        var client = world.Client;

        Assert.True((await client.ServerLiveAsync(new(), cancellationToken: Token)).Live);
        Assert.True((await client.ServerReadyAsync(new(), cancellationToken: Token)).Ready);
        var server = await client.ServerMetadataAsync(new(), cancellationToken: Token);
        Assert.Equal("orleansml", server.Name);
        Assert.Contains("binary_tensor_data", server.Extensions);
        Assert.True(
            (
                await client.ModelReadyAsync(new() { Name = "gm-model" }, cancellationToken: Token)
            ).Ready
        );
        var model = await client.ModelMetadataAsync(
            new() { Name = "gm-model", Version = "2" },
            cancellationToken: Token
        );
        Assert.Equal("gm-model", model.Name);
        Assert.Equal(["2"], model.Versions);
        Assert.Equal(
            ("x", "INT64", -1L),
            (model.Inputs[0].Name, model.Inputs[0].Datatype, model.Inputs[0].Shape.Single())
        );
        Assert.Equal("y", model.Outputs.Single().Name);
        var unknown = await Assert.ThrowsAsync<RpcException>(() =>
            client
                .ModelReadyAsync(new() { Name = "gm-none" }, cancellationToken: Token)
                .ResponseAsync
        );
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task The_configuration_says_types_shapes_and_batching_alike_over_both_ways()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "gm-config", "BYTES");

        var config = (
            await world.Client.ModelConfigAsync(
                new() { Name = "gm-config" },
                cancellationToken: Token
            )
        ).Config;
        var json = await world.Gateway.GetAsync<System.Text.Json.JsonElement>(
            "/v2/models/gm-config/config"
        );

        Assert.Equal("gm-config", config.Name);
        Assert.Equal(0, config.MaxBatchSize);
        Assert.Equal([1L], config.VersionPolicy.Specific.Versions);
        Assert.Equal(DataType.TypeString, config.Input.Single().DataType);
        Assert.Equal([-1L], config.Output.Single().Dims);
        Assert.Equal([32], config.DynamicBatching.PreferredBatchSize);
        Assert.Equal(
            "TYPE_STRING",
            json.GetProperty("input")[0].GetProperty("data_type").GetString()
        );
        Assert.Equal(-1, json.GetProperty("output")[0].GetProperty("dims")[0].GetInt64());
        Assert.Equal(
            32,
            json.GetProperty("dynamic_batching").GetProperty("preferred_batch_size")[0].GetInt32()
        );
        Assert.Equal(
            "a\nb\nc",
            json.GetProperty("parameters")
                .GetProperty("class_labels")
                .GetProperty("string_value")
                .GetString()
        );
    }

    [Fact]
    public async Task Statistics_are_of_a_version_a_model_or_all()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "gm-stats", "FP32", versions: 2);
        var version = new ModelVersionId("gm-stats", 1);
        world.Gateway.Residency.Statistics[version] = new VersionStatistics
        {
            Version = version,
            InferenceCount = 5,
            ExecutionCount = 3,
            LastInferenceMilliseconds = 9,
            Success = new DurationStatistics(4, 1000),
            Fail = new DurationStatistics(1, 10),
            Batches = [new() { BatchSize = 2, ComputeInfer = new DurationStatistics(2, 70) }],
        };

        async Task<ModelStatisticsResponse> Ask(string name, string of = "") =>
            await world.Client.ModelStatisticsAsync(
                new() { Name = name, Version = of },
                cancellationToken: Token
            );

        var one = Assert.Single((await Ask("gm-stats", "1")).ModelStats);
        Assert.Equal(
            ("gm-stats", "1", 5UL, 3UL, 9UL),
            (one.Name, one.Version, one.InferenceCount, one.ExecutionCount, one.LastInference)
        );
        Assert.Equal(
            (4UL, 1000UL),
            (one.InferenceStats.Success.Count, one.InferenceStats.Success.Ns)
        );
        Assert.Equal((2UL, 70UL), (one.BatchStats[0].BatchSize, one.BatchStats[0].ComputeInfer.Ns));
        Assert.Equal("1", Assert.Single((await Ask("gm-stats")).ModelStats).Version);
        Assert.Equal(0UL, Assert.Single((await Ask("gm-stats", "2")).ModelStats).InferenceCount);
        Assert.Equal("gm-stats", Assert.Single((await Ask("")).ModelStats).Name);
        foreach (
            var path in new[]
            {
                "/v2/models/gm-stats/versions/1/stats",
                "/v2/models/gm-stats/stats",
                "/v2/models/stats",
            }
        )
        {
            var stats = (
                await world.Gateway.GetAsync<System.Text.Json.JsonElement>(path)
            ).GetProperty("model_stats")[0];
            Assert.Equal(5, stats.GetProperty("inference_count").GetInt32());
            Assert.Equal(
                1000,
                stats
                    .GetProperty("inference_stats")
                    .GetProperty("success")
                    .GetProperty("ns")
                    .GetInt32()
            );
        }
    }

    [Fact]
    public async Task The_repository_lists_loads_and_unloads()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "gm-repo", "FP32", versions: 2);
        for (var i = 1; i <= 2; i++)
            await world.Gateway.Catalog.UpsertAsync(
                new CatalogEntry(CatalogKinds.ModelVersion, $"gm-repo@{i}", "", default, "{}"),
                Token
            );
        async Task<string[]> Index(bool ready) =>
            [
                .. (
                    await world.Client.RepositoryIndexAsync(
                        new() { Ready = ready },
                        cancellationToken: Token
                    )
                ).Models.Select(model =>
                    $"{model.Name}@{model.Version} {model.State} {model.Reason}"
                ),
            ];

        Assert.Equal(["gm-repo@1 READY ", "gm-repo@2 READY "], await Index(ready: false));
        await world.Client.RepositoryModelUnloadAsync(
            new()
            {
                ModelName = "gm-repo",
                Parameters =
                {
                    ["unload_dependents"] = new ModelRepositoryParameter { BoolParam = false },
                },
            },
            cancellationToken: Token
        );
        Assert.Equal(
            ["gm-repo@1 READY ", "gm-repo@2 UNAVAILABLE unloaded"],
            await Index(ready: false)
        );
        Assert.Equal(["gm-repo@1 READY "], await Index(ready: true));
        await world.Client.RepositoryModelLoadAsync(
            new() { ModelName = "gm-repo" },
            cancellationToken: Token
        );
        Assert.Equal(2, (await Index(ready: true)).Length);

        // The same over HTTP.
        var gateway = world.Gateway;
        await gateway.SendAsync<object>(
            HttpMethod.Post,
            "/v2/repository/models/gm-repo/unload",
            TestGateway.Json("""{"parameters":{"version":"1"}}""")
        );
        var listed = await gateway.SendAsync<System.Text.Json.JsonElement>(
            HttpMethod.Post,
            "/v2/repository/index",
            TestGateway.Json("""{"ready":true}""")
        );
        Assert.Equal(
            "2",
            Assert.Single(listed.EnumerateArray()).GetProperty("version").GetString()
        );
        await gateway.SendAsync<object>(HttpMethod.Post, "/v2/repository/models/gm-repo/load");
        foreach (
            var body in new[]
            {
                """{"parameters":{"config":"{}"}}""",
                """{"parameters":{"unload_dependents":true}}""",
                """{"parameters":{"file:1/model.onnx":"AAAA"}}""",
            }
        )
            await gateway.RefusedAsync(
                HttpMethod.Post,
                "/v2/repository/models/gm-repo/load",
                TestGateway.Json(body),
                400,
                "invalid_input"
            );
        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            world
                .Client.RepositoryModelLoadAsync(
                    new()
                    {
                        ModelName = "gm-repo",
                        Parameters =
                        {
                            ["config"] = new ModelRepositoryParameter { StringParam = "{}" },
                        },
                    },
                    cancellationToken: Token
                )
                .ResponseAsync
        );
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    [Fact]
    public async Task An_index_longer_than_the_limit_is_refused()
    {
        await using var world = await GrpcWorld.StartAsync(
            cluster,
            options => options.MaxRepositoryIndex = 1
        );
        for (var i = 1; i <= 2; i++)
            await world.Gateway.Catalog.UpsertAsync(
                new CatalogEntry(CatalogKinds.ModelVersion, $"gm-many@{i}", "", default, "{}"),
                Token
            );

        var error = await Assert.ThrowsAsync<RpcException>(() =>
            world.Client.RepositoryIndexAsync(new(), cancellationToken: Token).ResponseAsync
        );

        Assert.Contains("Gateway:MaxRepositoryIndex", error.Status.Detail);
    }

    [Fact]
    public async Task Keys_are_asked_for_and_health_is_open()
    {
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes("secret")));
        await using var world = await GrpcWorld.StartAsync(
            cluster,
            secure: security => security.ApiKeys = [$"ci:{digest}"]
        );
        GrpcWorld.AddEcho(cluster, "gm-keys", "FP32");
        async Task<StatusCode> Infer(params (string Name, string Value)[] headers)
        {
            var metadata = new Metadata();
            foreach (var (name, value) in headers)
                metadata.Add(name, value);
            try
            {
                await world.Client.ModelInferAsync(
                    GrpcWorld.Number("gm-keys", 1),
                    metadata,
                    cancellationToken: Token
                );
                return StatusCode.OK;
            }
            catch (RpcException error)
            {
                Assert.NotEmpty(error.Status.Detail);
                return error.StatusCode;
            }
        }

        Assert.Equal(StatusCode.Unauthenticated, await Infer());
        Assert.Equal(StatusCode.Unauthenticated, await Infer(("x-api-key", "wrong")));
        Assert.Equal(StatusCode.OK, await Infer(("x-api-key", "secret")));
        Assert.Equal(StatusCode.OK, await Infer(("authorization", "Bearer secret")));
        Assert.True((await world.Client.ServerLiveAsync(new(), cancellationToken: Token)).Live);
        using var watch = new Health.HealthClient(world.Channel).Watch(
            new(),
            cancellationToken: Token
        );
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.Serving,
            watch.ResponseStream.Current.Status
        );
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.Serving,
            (
                await new Health.HealthClient(world.Channel).CheckAsync(
                    new() { Service = "inference.GRPCInferenceService" },
                    cancellationToken: Token
                )
            ).Status
        );
    }

    [Fact]
    public async Task A_keys_role_and_models_hold_for_calls_and_for_each_message_until_it_is_revoked()
    {
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes("root")));
        await using var world = await GrpcWorld.StartAsync(
            cluster,
            secure: security => security.ApiKeys = [$"root:{digest}"]
        );
        GrpcWorld.AddEcho(cluster, "gm-mine", "FP32");
        GrpcWorld.AddEcho(cluster, "gm-theirs", "FP32");
        world.Gateway.Http.DefaultRequestHeaders.Add("X-Api-Key", "root");
        var made = await world.Gateway.SendAsync<ApiKeyAnswer>(
            HttpMethod.Post,
            "/api/v1/keys",
            TestGateway.Json("""{"name":"gm-app","roles":["predictor"],"models":["gm-mine"]}"""),
            201
        );
        var headers = new Metadata { { "authorization", $"Bearer {made.Secret}" } };
        async Task<StatusCode> Status(Func<Task> call) =>
            (await Assert.ThrowsAsync<RpcException>(call)).StatusCode;

        await world.Client.ModelInferAsync(
            GrpcWorld.Number("gm-mine", 1),
            headers,
            cancellationToken: Token
        );
        Assert.Equal(
            StatusCode.PermissionDenied,
            await Status(() =>
                world
                    .Client.ModelInferAsync(
                        GrpcWorld.Number("gm-theirs", 1),
                        headers,
                        cancellationToken: Token
                    )
                    .ResponseAsync
            )
        );
        Assert.Equal(
            StatusCode.PermissionDenied,
            await Status(() =>
                world
                    .Client.RepositoryModelUnloadAsync(
                        new() { ModelName = "gm-mine" },
                        headers,
                        cancellationToken: Token
                    )
                    .ResponseAsync
            )
        );
        Assert.Empty(world.Gateway.Residency.Unloaded);

        using var stream = world.Client.ModelStreamInfer(headers, cancellationToken: Token);
        async Task<string> Send(string model)
        {
            await stream.RequestStream.WriteAsync(GrpcWorld.Number(model, 1), Token);
            Assert.True(await stream.ResponseStream.MoveNext(Token));
            return stream.ResponseStream.Current.ErrorMessage;
        }
        Assert.Equal("", await Send("gm-mine"));
        Assert.Contains("may not use model 'gm-theirs'", await Send("gm-theirs"));
        await world.Gateway.SendAsync<ApiKeyAnswer>(
            HttpMethod.Delete,
            $"/api/v1/keys/{made.Key.Id}"
        );
        Assert.Contains("revoked", await Send("gm-mine"));
    }

    [Theory]
    [InlineData("inference.GRPCInferenceService", "SystemSharedMemoryStatus")]
    [InlineData("inference.GRPCInferenceService", "TraceSetting")]
    [InlineData("other.Service", "Call")]
    public async Task Calls_that_are_not_offered_say_so(string service, string method)
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        var empty = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

        var error = await Assert.ThrowsAsync<RpcException>(() =>
            world
                .Channel.CreateCallInvoker()
                .AsyncUnaryCall(
                    new Method<byte[], byte[]>(MethodType.Unary, service, method, empty, empty),
                    host: null,
                    new CallOptions(cancellationToken: Token),
                    []
                )
                .ResponseAsync
        );

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
        Assert.Contains($"/{service}/{method} is not offered", error.Status.Detail);
    }

    [Fact]
    public async Task Reflection_lists_the_service_and_the_proto_can_be_downloaded()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        using var call = new ServerReflection.ServerReflectionClient(
            world.Channel
        ).ServerReflectionInfo(cancellationToken: Token);
        await call.RequestStream.WriteAsync(new() { ListServices = "" }, Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));

        Assert.Contains(
            "inference.GRPCInferenceService",
            call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name)
        );
        Assert.Contains(
            "package inference;",
            await world.Gateway.Http.GetStringAsync("/proto/open_inference.proto", Token)
        );
    }
}
