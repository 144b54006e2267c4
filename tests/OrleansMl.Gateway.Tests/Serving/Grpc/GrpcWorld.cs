using Google.Protobuf;
using Grpc.Net.Client;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving.Grpc;

/// <summary>A gateway, a client generated from the proto that we publish, and models that give back what they get.</summary>
internal sealed class GrpcWorld : IAsyncDisposable
{
    private readonly GrpcChannel _channel;

    private GrpcWorld(TestGateway gateway, GrpcChannel channel) =>
        (Gateway, _channel, Client) = (
            gateway,
            channel,
            new GRPCInferenceService.GRPCInferenceServiceClient(channel)
        );

    public static string[] Datatypes { get; } =
    [
        "BOOL",
        "UINT8",
        "UINT16",
        "UINT32",
        "UINT64",
        "INT8",
        "INT16",
        "INT32",
        "INT64",
        "FP16",
        "BF16",
        "FP32",
        "FP64",
        "BYTES",
    ];

    public TestGateway Gateway { get; }

    public GrpcChannel Channel => _channel;

    public GRPCInferenceService.GRPCInferenceServiceClient Client { get; }

    public static async Task<GrpcWorld> StartAsync(
        GatewayCluster cluster,
        Action<GatewayOptions>? configure = null,
        Action<OrleansMl.Gateway.Trust.SecurityOptions>? secure = null
    )
    {
        var gateway = await TestGateway.StartAsync(cluster, configure, secure);
        return new GrpcWorld(
            gateway,
            GrpcChannel.ForAddress(
                gateway.GrpcUrl,
                new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null }
            )
        );
    }

    /// <summary>A model whose output y is its input x, of any length.</summary>
    public static void AddEcho(
        GatewayCluster cluster,
        string name,
        string datatype,
        Func<InferenceRequest, InferenceResponse, InferenceResponse>? change = null,
        int versions = 1
    )
    {
        var signature = new ModelSignature
        {
            Inputs =
            [
                new()
                {
                    Name = "x",
                    Datatype = datatype,
                    Shape = [-1],
                },
            ],
            Outputs =
            [
                new()
                {
                    Name = "y",
                    Datatype = datatype,
                    Shape = [-1],
                },
            ],
            ClassLabels = ["a", "b", "c"],
        };
        cluster.World.Models[name] = new ModelSnapshot
        {
            Name = name,
            LatestVersion = versions,
            Aliases = new Dictionary<string, int>(),
        };
        for (var i = 1; i <= versions; i++)
            cluster.World.Versions[$"{name}@{i}"] = new ModelVersionSnapshot
            {
                Id = new ModelVersionId(name, i),
                Onnx = default,
                Signature = signature,
                Lineage = new ModelLineage(),
            };
        cluster.World.Answers[name] = (key, request) =>
        {
            var version = ModelVersionId.Parse(key);
            var input = TensorValidation.Check(version, signature, request)[0];
            var response = new InferenceResponse
            {
                Model = version.Name,
                Version = version.Version,
                Outputs = [input with { Name = "y", Data = input.Data.ToArray() }],
            };
            return change?.Invoke(request, response) ?? response;
        };
    }

    /// <summary>A request of raw bytes.</summary>
    public static ModelInferRequest Raw(
        string model,
        string datatype,
        byte[] data,
        params long[] shape
    )
    {
        var request = new ModelInferRequest { ModelName = model, Id = "q" };
        var input = new ModelInferRequest.Types.InferInputTensor
        {
            Name = "x",
            Datatype = datatype,
        };
        input.Shape.AddRange(shape);
        request.Inputs.Add(input);
        request.RawInputContents.Add(ByteString.CopyFrom(data));
        return request;
    }

    /// <summary>A request of one number.</summary>
    public static ModelInferRequest Number(string model, float value, string id = "q") =>
        new()
        {
            ModelName = model,
            Id = id,
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = "x",
                    Datatype = "FP32",
                    Shape = { 1 },
                    Contents = new InferTensorContents { Fp32Contents = { value } },
                },
            },
        };

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await Gateway.DisposeAsync();
    }
}
