using CsCheck;
using Google.Protobuf;
using Grpc.Core;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving.Grpc;

public sealed class GrpcFuzzTests(GatewayCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Gen<T> OneOf<T>(params T[] values) =>
        Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public async Task Malformed_requests_are_only_ever_the_clients_fault()
    {
        await using var world = await GrpcWorld.StartAsync(cluster);
        GrpcWorld.AddEcho(cluster, "g-fuzz", "FP32");
        var contents = Gen.Select(
            Gen.Bool.Array[0, 2],
            Gen.Int.Array[0, 3],
            Gen.Float.Array[0, 5],
            Gen.Byte.Array[0, 5].Array[0, 2],
            (bools, ints, floats, bytes) =>
                new InferTensorContents
                {
                    BoolContents = { bools },
                    IntContents = { ints },
                    Fp32Contents = { floats },
                    BytesContents = { bytes.Select(item => ByteString.CopyFrom(item)) },
                }
        );
        var names = OneOf("x", "y", "", "inputs", new string('n', 300));
        var input = Gen.Select(
            names,
            OneOf([.. GrpcWorld.Datatypes, "", "FP8", "fp32"]),
            Gen.OneOf(Gen.Long[-2, 5], Gen.Long).Array[0, 4],
            Gen.OneOf(contents, Gen.Const((InferTensorContents?)null!)),
            (name, datatype, shape, content) =>
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = name,
                    Datatype = datatype,
                    Shape = { shape },
                    Contents = content,
                }
        );
        var parameter = Gen.OneOf(
            Gen.Bool.Select(value => new InferParameter { BoolParam = value }),
            Gen.Long.Select(value => new InferParameter { Int64Param = value }),
            Gen.ULong.Select(value => new InferParameter { Uint64Param = value }),
            Gen.Double.Select(value => new InferParameter { DoubleParam = value }),
            Gen.String[0, 5].Select(_ => new InferParameter { StringParam = "text" }),
            Gen.Const(new InferParameter())
        );
        var request = Gen.Select(
            OneOf("g-fuzz", "g-none", "", "../x"),
            OneOf("", "1", "0", "-1", "champion", "99999999999"),
            input.Array[0, 3],
            Gen.Byte.Array[0, 30].Array[0, 3],
            Gen.Select(
                OneOf(
                    "priority",
                    "timeout",
                    "sequence_id",
                    "sequence_start",
                    "binary_data_output",
                    "explain",
                    "else"
                ),
                parameter
            ),
            names,
            (model, version, inputs, raw, named, output) =>
            {
                var made = new ModelInferRequest { ModelName = model, ModelVersion = version };
                made.Inputs.AddRange(inputs.Select(item => item.Clone()));
                made.RawInputContents.AddRange(raw.Select(item => ByteString.CopyFrom(item)));
                made.Parameters[named.Item1] = named.Item2.Clone();
                if (output.Length > 0)
                    made.Outputs.Add(
                        new ModelInferRequest.Types.InferRequestedOutputTensor { Name = output }
                    );
                return made;
            }
        );

        await request.SampleAsync(
            async made =>
            {
                try
                {
                    await world.Client.ModelInferAsync(made, cancellationToken: Token);
                }
                catch (RpcException error)
                {
                    Assert.True(
                        error.StatusCode
                            is StatusCode.InvalidArgument
                                or StatusCode.NotFound
                                or StatusCode.Unimplemented,
                        $"{error.StatusCode}: {error.Status.Detail}: {made}"
                    );
                }
            },
            iter: 2_000,
            threads: 1
        );
    }
}
