using System.Runtime.CompilerServices;
using OrleansMl.Client;
using OrleansMl.Client.Serving;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Tests.Operations;
using OrleansMl.Gateway.Tests.Serving.Grpc;

namespace OrleansMl.Gateway.Tests.Serving;

/// <summary>The same call over HTTP, gRPC and the grain, against the real gateway and the real grain.</summary>
public sealed class InferenceTransportTests(GatewayCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Datatypes => [.. GrpcWorld.Datatypes];

    [Theory]
    [MemberData(nameof(Datatypes))]
    public async Task The_same_call_has_the_same_answer_over_each(string datatype)
    {
        await using var gateway = await StartAsync();
        var model = $"same-{datatype.ToLowerInvariant()}";
        GrpcWorld.AddEcho(cluster, model, datatype);
        byte[] element =
            datatype == "BYTES"
                ? [2, 0, 0, 0, 104, 105]
                : [.. Enumerable.Repeat((byte)1, Size(datatype))];
        var request = new InferenceRequest
        {
            Id = "q",
            Inputs =
            [
                new InferenceTensor
                {
                    Name = "x",
                    Datatype = datatype,
                    Shape = [3],
                    Data = (byte[])[.. element, .. element, .. element],
                },
            ],
        };

        foreach (var client in Clients(gateway))
        {
            using (client)
            {
                var answer = await client.InferAsync(
                    model,
                    request,
                    new InferenceCallOptions { Reference = "1" },
                    Token
                );
                Assert.Equal((model, 1), (answer.Model, answer.Version));
                var output = Assert.Single(answer.Outputs);
                Assert.Equal(("y", datatype), (output.Name, output.Datatype));
                Assert.Equal([3L], output.Shape);
                Assert.Equal(request.Inputs[0].Data.ToArray(), output.Data.ToArray());
                answer.Release();

                var description = await client.DescribeAsync(model, null, Token);
                Assert.Equal((model, 1), (description.Model, description.Version));
                var input = Assert.Single(description.Inputs);
                Assert.Equal(("x", datatype), (input.Name, input.Datatype));
                Assert.Equal([-1L], input.Shape);
            }
        }
    }

    [Theory]
    [InlineData("shape", 400, "invalid_input")]
    [InlineData("model", 404, "not_found")]
    [InlineData("version", 404, "not_found")]
    [InlineData("full", 429, "overloaded")]
    [InlineData("away", 503, "unavailable")]
    [InlineData("key", 400, "invalid_input")]
    public async Task The_same_call_fails_alike_over_each(string fault, int status, string code)
    {
        await using var gateway = await StartAsync();
        var model = $"fails-{fault}";
        GrpcWorld.AddEcho(
            cluster,
            model,
            "FP32",
            (_, response) =>
                fault switch
                {
                    "full" => throw new OverloadedException("too many calls wait"),
                    "away" => throw new UnavailableException("it is still loading"),
                    _ => response,
                }
        );
        var options = new InferenceCallOptions
        {
            Reference = fault == "version" ? "7" : null,
            Key = fault == "key" ? new string('k', 201) : null,
        };
        var errors = new List<OrleansMlException>();
        foreach (var client in Clients(gateway))
        {
            using (client)
                errors.Add(
                    await Assert.ThrowsAsync<OrleansMlException>(() =>
                        client.InferAsync(
                            fault == "model" ? "nobody-s" : model,
                            Number(fault == "shape" ? 2 : 1),
                            options,
                            Token
                        )
                    )
                );
        }

        Assert.All(errors, e => Assert.Equal(status, (int)e.Status!));
        if (fault == "key")
            return;
        Assert.All(errors, e => Assert.Equal(code, e.Code));
        Assert.Single(errors.Select(e => e.Message).Distinct());
    }

    [Fact]
    public async Task What_is_asked_beside_the_tensors_arrives_over_each()
    {
        await using var gateway = await StartAsync();
        InferenceParameters? seen = null;
        GrpcWorld.AddEcho(
            cluster,
            "params",
            "FP32",
            (request, response) =>
            {
                seen = request.Parameters;
                return response;
            }
        );
        foreach (var client in Clients(gateway))
        {
            using (client)
            {
                var request = Number(1) with
                {
                    Parameters = new InferenceParameters
                    {
                        Priority = 2,
                        SequenceId = "s-1",
                        SequenceStart = true,
                        SequenceEnd = true,
                    },
                };
                await client.InferAsync(
                    "params",
                    request,
                    new InferenceCallOptions { Timeout = TimeSpan.FromMinutes(9) },
                    Token
                );
                Assert.NotNull(seen);
                Assert.Equal(
                    (2, "s-1", true, true),
                    (seen.Priority, seen.SequenceId, seen.SequenceStart, seen.SequenceEnd)
                );
                Assert.InRange(seen.TimeoutMicroseconds, 1, 540_000_000);
                seen = null;
            }
        }
    }

    [Fact]
    public async Task A_busy_model_is_asked_again_over_each()
    {
        await using var gateway = await StartAsync();
        var calls = 0;
        GrpcWorld.AddEcho(
            cluster,
            "again",
            "FP32",
            (_, response) =>
                ++calls % 2 == 1 ? throw new OverloadedException("too many calls wait") : response
        );
        foreach (var client in Clients(gateway, retries: 3))
        {
            using (client)
            {
                var answer = await client.InferAsync("again", Number(1), null, Token);
                Assert.Equal(1f, answer.Outputs[0].AsFloat32()[0]);
            }
        }
        Assert.Equal(6, calls);
    }

    [Fact]
    public async Task A_stream_answers_in_order_and_a_wrong_request_alone()
    {
        await using var gateway = await StartAsync();
        GrpcWorld.AddEcho(cluster, "streamed", "FP32");
        using var client = InferenceClient.OverGrpc(Options(new Uri(gateway.GrpcUrl), 0));

        var answers = await client
            .StreamAsync("streamed", RequestsAsync(Token), null, Token)
            .ToListAsync(Token);

        Assert.Equal(100, answers.Count);
        for (var i = 0; i < answers.Count; i++)
        {
            if (i == 50)
                Assert.Contains("shape", answers[i].Error!.Message);
            else
                Assert.Equal([i], answers[i].Response!.Outputs[0].AsFloat32());
        }
    }

    [Fact]
    public async Task A_stream_that_is_left_early_ends()
    {
        await using var gateway = await StartAsync();
        GrpcWorld.AddEcho(cluster, "left", "FP32");
        using var client = InferenceClient.OverGrpc(Options(new Uri(gateway.GrpcUrl), 0));
        var ended = new TaskCompletionSource();

        await foreach (
            var answer in client.StreamAsync("left", EndlessAsync(ended, Token), null, Token)
        )
        {
            Assert.NotNull(answer.Response);
            break;
        }

        await ended.Task;
    }

    [Fact]
    public async Task A_stream_without_a_gateway_is_an_error_of_the_client()
    {
        using var client = InferenceClient.OverGrpc(Options(new Uri("http://127.0.0.1:1"), 0));

        var error = await Assert.ThrowsAsync<OrleansMlException>(async () =>
            await client.StreamAsync("m", RequestsAsync(Token), null, Token).ToListAsync(Token)
        );

        Assert.Equal(OrleansMlErrorCodes.Unavailable, error.Code);
    }

    [Fact]
    public async Task A_deadline_that_passes_ends_the_call_over_gRPC_as_over_HTTP()
    {
        await using var gateway = await StartAsync();
        GrpcWorld.AddEcho(cluster, "slow", "FP32");
        var gate = new TaskCompletionSource();
        gateway.Predictor.Entering = _ => gate.Task;
        foreach (var client in Clients(gateway).Take(2))
        {
            using (client)
            {
                var error = await Assert.ThrowsAsync<OrleansMlException>(() =>
                    client.InferAsync(
                        "slow",
                        Number(1),
                        new InferenceCallOptions { Timeout = TimeSpan.FromMilliseconds(200) },
                        Token
                    )
                );
                Assert.Equal(OrleansMlErrorCodes.Timeout, error.Code);
            }
        }
        gate.SetResult();
    }

    private async Task<TestGateway> StartAsync()
    {
        var gateway = await TestGateway.StartAsync(cluster);
        cluster.World.Serving = gateway.Services;
        return gateway;
    }

    private IEnumerable<IInferenceClient> Clients(TestGateway gateway, int retries = 0) =>
        [
            InferenceClient.OverHttp(Options(gateway.Http.BaseAddress!, retries)),
            InferenceClient.OverGrpc(Options(new Uri(gateway.GrpcUrl), retries)),
            InferenceClient.OverGrains(cluster.Client, Options(gateway.Http.BaseAddress!, retries)),
        ];

    private static OrleansMlClientOptions Options(Uri endpoint, int retries) =>
        new()
        {
            Endpoints = [endpoint],
            MaxRetries = retries,
            // However slow the machine is.
            Timeout = TimeSpan.FromMinutes(10),
            AttemptTimeout = TimeSpan.FromMinutes(10),
            Random = new Random(1),
        };

    private static InferenceRequest Number(float value, int rank = 1) =>
        new() { Inputs = [TensorData.Float32("x", [value], [.. Enumerable.Repeat(1L, rank)])] };

    private static InferenceRequest Number(int rank) => Number(1f, rank);

    private static async IAsyncEnumerable<InferenceRequest> RequestsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (var i = 0; i < 100; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Number((float)i, i == 50 ? 2 : 1);
        }
        await Task.CompletedTask;
    }

    private static async IAsyncEnumerable<InferenceRequest> EndlessAsync(
        TaskCompletionSource ended,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Number(1f);
                await Task.Yield();
            }
        }
        finally
        {
            ended.SetResult();
        }
    }

    private static int Size(string datatype) =>
        datatype switch
        {
            "BOOL" or "UINT8" or "INT8" => 1,
            "UINT16" or "INT16" or "FP16" or "BF16" => 2,
            "UINT32" or "INT32" or "FP32" => 4,
            _ => 8,
        };
}
