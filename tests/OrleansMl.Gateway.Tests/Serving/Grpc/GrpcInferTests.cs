using System.Buffers.Binary;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using OrleansMl.Contracts;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving.Grpc;

public sealed class GrpcInferTests(GatewayCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Datatypes => [.. GrpcWorld.Datatypes];

    // Two elements of each datatype, whose bytes every engine takes.
    private static byte[] TwoElements(string datatype) =>
        datatype switch
        {
            "BOOL" or "UINT8" or "INT8" => [1, 0],
            "UINT16" or "INT16" or "FP16" or "BF16" => [1, 2, 3, 4],
            "UINT32" or "INT32" or "FP32" => [1, 2, 3, 4, 5, 6, 7, 8],
            "BYTES" => [2, 0, 0, 0, 104, 0, 0, 0, 0, 0],
            _ => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
        };

    private static ModelInferRequest AskTyped(ModelInferRequest request)
    {
        request.Parameters["binary_data_output"] = new InferParameter { BoolParam = false };
        return request;
    }

    private static async Task<RpcException> RefusedAsync(
        Func<Task> call,
        StatusCode status,
        string text
    )
    {
        var error = await Assert.ThrowsAsync<RpcException>(call);
        Assert.True(error.StatusCode == status, $"{error.StatusCode}: {error.Status.Detail}");
        Assert.Contains(text, error.Status.Detail);
        return error;
    }

    [Theory]
    [MemberData(nameof(Datatypes))]
    public async Task Raw_elements_of_every_datatype_come_back(string datatype)
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "g-raw", datatype);
        var data = TwoElements(datatype);

        var answer = await world.Client.ModelInferAsync(
            GrpcWorld.Raw("g-raw", datatype, data, 2),
            cancellationToken: Token
        );

        Assert.Equal(("g-raw", "1", "q"), (answer.ModelName, answer.ModelVersion, answer.Id));
        var output = Assert.Single(answer.Outputs);
        Assert.Equal(("y", datatype), (output.Name, output.Datatype));
        Assert.Equal([2L], output.Shape);
        Assert.Null(output.Contents);
        Assert.Equal(data, Assert.Single(answer.RawOutputContents).ToByteArray());
    }

    [Theory]
    [MemberData(nameof(Datatypes))]
    public async Task Typed_elements_mean_the_same_as_raw_ones(string datatype)
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "g-typed", datatype);
        var data = TwoElements(datatype);
        var ask = AskTyped(GrpcWorld.Raw("g-typed", datatype, data, 2));
        if (datatype is "FP16" or "BF16")
        {
            await RefusedAsync(
                () => world.Client.ModelInferAsync(ask, cancellationToken: Token).ResponseAsync,
                StatusCode.InvalidArgument,
                $"{datatype} has no typed contents"
            );
            return;
        }

        // Bytes in, elements out; then the elements in, bytes out.
        var typed = await world.Client.ModelInferAsync(ask, cancellationToken: Token);
        Assert.Empty(typed.RawOutputContents);
        var request = GrpcWorld.Raw("g-typed", datatype, data, 2);
        request.RawInputContents.Clear();
        request.Inputs[0].Contents = typed.Outputs[0].Contents;
        var raw = await world.Client.ModelInferAsync(request, cancellationToken: Token);

        Assert.Equal(data, Assert.Single(raw.RawOutputContents).ToByteArray());
    }

    [Theory]
    [InlineData("INT8", 128)]
    [InlineData("INT8", -129)]
    [InlineData("INT16", 40_000)]
    [InlineData("UINT8", 256)]
    [InlineData("UINT16", 65_536)]
    public async Task Elements_out_of_a_narrow_types_range_are_refused(string datatype, int value)
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "g-narrow", datatype);
        var request = GrpcWorld.Raw("g-narrow", datatype, [], 1);
        request.RawInputContents.Clear();
        request.Inputs[0].Contents =
            datatype[0] == 'U'
                ? new InferTensorContents { UintContents = { (uint)value } }
                : new InferTensorContents { IntContents = { value } };

        await RefusedAsync(
            () => world.Client.ModelInferAsync(request, cancellationToken: Token).ResponseAsync,
            StatusCode.InvalidArgument,
            $"element 0 is {value}, which {datatype} can't hold"
        );
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_named()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "g-wrong", "FP32");
        async Task Check(Action<ModelInferRequest> spoil, StatusCode status, string text)
        {
            var request = GrpcWorld.Number("g-wrong", 1);
            spoil(request);
            await RefusedAsync(
                () => world.Client.ModelInferAsync(request, cancellationToken: Token).ResponseAsync,
                status,
                text
            );
        }

        await Check(
            r => r.RawInputContents.Add(ByteString.CopyFrom(new byte[4])),
            StatusCode.InvalidArgument,
            "contents field must not be specified when using raw_input_contents for 'x'"
        );
        await Check(
            r =>
            {
                r.Inputs[0].Contents = null;
                r.RawInputContents.Add(ByteString.CopyFrom(new byte[4]));
                r.RawInputContents.Add(ByteString.CopyFrom(new byte[4]));
            },
            StatusCode.InvalidArgument,
            "expected one for each of 1 inputs, got 2"
        );
        await Check(
            r =>
            {
                r.Inputs[0].Contents = null;
                r.RawInputContents.Add(ByteString.CopyFrom(new byte[3]));
            },
            StatusCode.InvalidArgument,
            "expected 4 bytes for 1 FP32 elements"
        );
        await Check(
            r => r.Inputs[0].Shape[0] = 2,
            StatusCode.InvalidArgument,
            "expected 2 elements for shape [2], got 1"
        );
        await Check(
            r => r.Inputs[0].Shape[0] = -1,
            StatusCode.InvalidArgument,
            "expected dimensions from 0"
        );
        await Check(
            r => r.Inputs[0].Shape.AddRange(new long[100]),
            StatusCode.InvalidArgument,
            "at most 64 dimensions"
        );
        await Check(
            r => r.Inputs[0].Contents.IntContents.Add(1),
            StatusCode.InvalidArgument,
            "expected the elements of FP32 in fp32_contents, got 1 in int_contents"
        );
        await Check(r => r.Inputs[0].Datatype = "FP33", StatusCode.InvalidArgument, "'FP33'");
        await Check(
            r => r.Inputs[0].Contents.Fp32Contents[0] = float.NaN,
            StatusCode.InvalidArgument,
            "finite"
        );
        await Check(r => r.ModelVersion = "7", StatusCode.NotFound, "g-wrong@7");
        await Check(
            r => r.ModelName = "g-none",
            StatusCode.NotFound,
            "Request for unknown model: there is no model 'g-none'"
        );
        await Check(r => r.ModelName = "a b", StatusCode.InvalidArgument, "not a model name");
        await Check(
            r => r.Parameters["timeout"] = new InferParameter { StringParam = "soon" },
            StatusCode.InvalidArgument,
            "'timeout'"
        );
        await Check(
            r =>
                r.Inputs[0].Parameters["shared_memory_region"] = new InferParameter
                {
                    StringParam = "region",
                },
            StatusCode.Unimplemented,
            "shared memory is not offered"
        );
    }

    [Fact]
    public async Task A_long_name_in_an_error_does_not_break_the_answer()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "g-long", "FP32");
        var request = GrpcWorld.Number("g-long", 1);
        request.Inputs[0].Name = new string('ü', 1_000_000);

        await RefusedAsync(
            () => world.Client.ModelInferAsync(request, cancellationToken: Token).ResponseAsync,
            StatusCode.InvalidArgument,
            "üüü"
        );
    }

    [Fact]
    public async Task What_the_model_throws_has_its_status_code_and_trailers()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        (Exception Error, StatusCode Status, string Code)[] cases =
        [
            (new InvalidInputException("i"), StatusCode.InvalidArgument, "invalid_input"),
            (new NotFoundException("n"), StatusCode.NotFound, "not_found"),
            (new OverloadedException("o"), StatusCode.ResourceExhausted, "overloaded"),
            (new UnavailableException("u"), StatusCode.Unavailable, "unavailable"),
            (new TimeoutException("t"), StatusCode.DeadlineExceeded, "timeout"),
            (new InvalidOperationException("x"), StatusCode.Internal, "internal"),
        ];
        foreach (var (thrown, status, code) in cases)
        {
            GrpcWorld.AddEcho(cluster, "g-throws", "FP32", (_, _) => throw thrown);

            var error = await RefusedAsync(
                () =>
                    world
                        .Client.ModelInferAsync(
                            GrpcWorld.Number("g-throws", 1),
                            cancellationToken: Token
                        )
                        .ResponseAsync,
                status,
                ""
            );

            Assert.Equal(code, error.Trailers.GetValue("error-code"));
            Assert.Equal(
                status is StatusCode.ResourceExhausted or StatusCode.Unavailable
                    || code == "timeout",
                error.Trailers.GetValue("retry-after") is not null
            );
            Assert.DoesNotContain("InvalidOperation", error.Status.Detail);
        }
    }

    [Fact]
    public async Task Parameters_and_the_deadline_reach_the_model()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        Contracts.Serving.InferenceParameters? seen = null;
        GrpcWorld.AddEcho(
            cluster,
            "g-parameters",
            "FP32",
            (request, response) =>
            {
                seen = request.Parameters;
                return response;
            }
        );
        var request = GrpcWorld.Number("g-parameters", 1);
        request.Parameters["priority"] = new InferParameter { Uint64Param = 2 };
        request.Parameters["timeout"] = new InferParameter { Int64Param = 80_000_000_000 };
        request.Parameters["sequence_id"] = new InferParameter { Int64Param = 7 };
        request.Parameters["sequence_start"] = new InferParameter { BoolParam = true };
        request.Parameters["other"] = new InferParameter { DoubleParam = 1 };

        await world.Client.ModelInferAsync(request, cancellationToken: Token);

        Assert.Equal(
            (2, 80_000_000_000, "7", true, false),
            (
                seen!.Priority,
                seen.TimeoutMicroseconds,
                seen.SequenceId,
                seen.SequenceStart,
                seen.SequenceEnd
            )
        );

        await world.Client.ModelInferAsync(
            request,
            deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1),
            cancellationToken: Token
        );

        Assert.InRange(seen.TimeoutMicroseconds, 1, 3_600_000_000);
    }

    [Fact]
    public async Task Outputs_come_as_classes_where_asked()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "g-classes", "FP32");
        var data = new byte[12];
        BinaryPrimitives.WriteSingleLittleEndian(data, 0.25f);
        BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(4), 0.5f);
        var request = AskTyped(GrpcWorld.Raw("g-classes", "FP32", data, 3));
        request.Outputs.Add(
            new ModelInferRequest.Types.InferRequestedOutputTensor
            {
                Name = "y",
                Parameters = { ["classification"] = new InferParameter { Int64Param = 2 } },
            }
        );

        var answer = await world.Client.ModelInferAsync(request, cancellationToken: Token);

        Assert.Equal("BYTES", answer.Outputs[0].Datatype);
        Assert.Equal(
            ["0.5:1:b", "0.25:0:a"],
            answer.Outputs[0].Contents.BytesContents.Select(text => text.ToStringUtf8())
        );
    }

    [Fact]
    public async Task A_message_may_be_as_large_as_configured_and_no_larger()
    {
        await using var world = await GrpcWorld.StartAsync(
            cluster,
            options => options.MaxInferenceBytes = 40 << 20
        );
        GrpcWorld.AddEcho(cluster, "g-large", "UINT8");
        // More than the server's own 30 MB for a body and gRPC's 4 MB for a message.
        var data = new byte[36 << 20];
        data[^1] = 7;

        var answer = await world.Client.ModelInferAsync(
            GrpcWorld.Raw("g-large", "UINT8", data, data.Length),
            cancellationToken: Token
        );

        Assert.Equal(7, answer.RawOutputContents[0][^1]);
        await RefusedAsync(
            () =>
                world
                    .Client.ModelInferAsync(
                        GrpcWorld.Raw("g-large", "UINT8", new byte[(40 << 20) + 1], 1),
                        cancellationToken: Token
                    )
                    .ResponseAsync,
            StatusCode.ResourceExhausted,
            ""
        );
        // Small on the wire, large once unpacked.
        await RefusedAsync(
            () =>
                world
                    .Client.ModelInferAsync(
                        GrpcWorld.Raw("g-large", "UINT8", new byte[(40 << 20) + 1], 1),
                        new Metadata { { "grpc-internal-encoding-request", "gzip" } },
                        cancellationToken: Token
                    )
                    .ResponseAsync,
            StatusCode.ResourceExhausted,
            ""
        );
    }

    [Fact]
    public async Task A_call_given_up_or_past_its_deadline_ends_so()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "g-given-up", "FP32");
        var gate = new TaskCompletionSource();
        using var entered = new SemaphoreSlim(0);
        world.Gateway.Predictor.Entering = _ =>
        {
            entered.Release();
            return gate.Task;
        };
        try
        {
            using var stop = new CancellationTokenSource();
            var call = world.Client.ModelInferAsync(
                GrpcWorld.Number("g-given-up", 1),
                cancellationToken: stop.Token
            );
            await entered.WaitAsync(Token);
            await stop.CancelAsync();
            Assert.Equal(
                StatusCode.Cancelled,
                (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode
            );
            var late = world.Client.ModelInferAsync(
                GrpcWorld.Number("g-given-up", 1),
                deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(50),
                cancellationToken: Token
            );
            Assert.Equal(
                StatusCode.DeadlineExceeded,
                (await Assert.ThrowsAsync<RpcException>(() => late.ResponseAsync)).StatusCode
            );
        }
        finally
        {
            gate.SetResult();
        }
    }
}
