using Google.Protobuf.Collections;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Serving.Repository;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>The Open Inference Protocol over gRPC.</summary>
internal sealed class InferenceGrpcService(
    GrpcInference inference,
    InferenceService service,
    ServingDescription description,
    ModelRepository repository,
    ServerHealth health,
    GrpcErrors errors,
    Authenticator authenticator,
    IOptions<GatewayOptions> options
) : GRPCInferenceService.GRPCInferenceServiceBase
{
    public override Task<ServerLiveResponse> ServerLive(
        ServerLiveRequest request,
        ServerCallContext context
    ) => Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(
        ServerReadyRequest request,
        ServerCallContext context
    ) => Task.FromResult(new ServerReadyResponse { Ready = health.Status == SiloStatus.Active });

    public override Task<ServerMetadataResponse> ServerMetadata(
        ServerMetadataRequest request,
        ServerCallContext context
    )
    {
        var answer = new ServerMetadataResponse
        {
            Name = options.Value.ServerName,
            Version = ClusterStatusReader.Version,
        };
        answer.Extensions.AddRange(InferenceEndpoints.Extensions);
        return Task.FromResult(answer);
    }

    public override async Task<ModelReadyResponse> ModelReady(
        ModelReadyRequest request,
        ServerCallContext context
    )
    {
        var http = Permit(context, request.Name);
        try
        {
            await service.LoadAsync(request.Name, request.Version, http);
            return new ModelReadyResponse { Ready = true };
        }
        catch (UnavailableException)
        {
            return new ModelReadyResponse { Ready = false };
        }
    }

    public override async Task<ModelMetadataResponse> ModelMetadata(
        ModelMetadataRequest request,
        ServerCallContext context
    )
    {
        var http = Permit(context, request.Name);
        var (version, signature) = await service.DescribeAsync(request.Name, request.Version, http);
        var answer = new ModelMetadataResponse
        {
            Name = version.Name,
            Platform = ModelConfiguration.Platform,
            Versions = { version.Version.ToString() },
        };
        answer.Inputs.AddRange(signature.Inputs.Select(Describe));
        answer.Outputs.AddRange(signature.Outputs.Select(Describe));
        return answer;
    }

    public override async Task<ModelConfigResponse> ModelConfig(
        ModelConfigRequest request,
        ServerCallContext context
    )
    {
        Permit(context, request.Name);
        return new ModelConfigResponse
        {
            Config = ProtocolMessages.Of(
                await description.ConfigurationAsync(
                    request.Name,
                    request.Version,
                    context.CancellationToken
                )
            ),
        };
    }

    public override async Task<ModelStatisticsResponse> ModelStatistics(
        ModelStatisticsRequest request,
        ServerCallContext context
    )
    {
        if (request.Name.Length > 0)
            Permit(context, request.Name);
        var statistics = await description.StatisticsAsync(
            request.Name,
            request.Version,
            Caller.Of(context.GetHttpContext()),
            context.CancellationToken
        );
        var answer = new ModelStatisticsResponse();
        answer.ModelStats.AddRange(statistics.Select(ProtocolMessages.Of));
        return answer;
    }

    public override async Task<ModelInferResponse> ModelInfer(
        ModelInferRequest request,
        ServerCallContext context
    )
    {
        var (message, response) = await inference.InferAsync(request, context);
        // The message is sent after this returns; its raw contents are the response's memory.
        context
            .GetHttpContext()
            .Response.OnCompleted(
                static answered =>
                {
                    ((InferenceResponse)answered).Release();
                    return Task.CompletedTask;
                },
                response
            );
        return message;
    }

    public override Task ModelStreamInfer(
        IAsyncStreamReader<ModelInferRequest> requestStream,
        IServerStreamWriter<ModelStreamInferResponse> responseStream,
        ServerCallContext context
    ) =>
        new InferenceStream(
            inference,
            errors,
            authenticator,
            options.Value.MaxStreamInFlight,
            context
        ).RunAsync(requestStream, responseStream);

    public override async Task<RepositoryIndexResponse> RepositoryIndex(
        RepositoryIndexRequest request,
        ServerCallContext context
    )
    {
        RequireOneRepository(request.RepositoryName);
        var answer = new RepositoryIndexResponse();
        foreach (
            var entry in await repository.IndexAsync(
                request.Ready,
                Caller.Of(context.GetHttpContext()),
                context.CancellationToken
            )
        )
            answer.Models.Add(
                new RepositoryIndexResponse.Types.ModelIndex
                {
                    Name = entry.Version.Name,
                    Version = entry.Version.Version.ToString(),
                    State = entry.State,
                    Reason = entry.Reason,
                }
            );
        return answer;
    }

    public override async Task<RepositoryModelLoadResponse> RepositoryModelLoad(
        RepositoryModelLoadRequest request,
        ServerCallContext context
    )
    {
        RequireOneRepository(request.RepositoryName);
        var http = Permit(context, request.ModelName);
        AuditTrail.Note(http, "load", $"model/{request.ModelName}");
        var version = await repository.LoadAsync(
            request.ModelName,
            VersionOf(request.Parameters),
            context.CancellationToken
        );
        AuditTrail.Note(http, $"{version}");
        return new RepositoryModelLoadResponse();
    }

    public override async Task<RepositoryModelUnloadResponse> RepositoryModelUnload(
        RepositoryModelUnloadRequest request,
        ServerCallContext context
    )
    {
        RequireOneRepository(request.RepositoryName);
        var http = Permit(context, request.ModelName);
        AuditTrail.Note(http, "unload", $"model/{request.ModelName}");
        var version = await repository.UnloadAsync(
            request.ModelName,
            VersionOf(request.Parameters),
            context.CancellationToken
        );
        AuditTrail.Note(http, $"{version}");
        return new RepositoryModelUnloadResponse();
    }

    private static HttpContext Permit(ServerCallContext context, string model)
    {
        var http = context.GetHttpContext();
        Caller.RequireModel(http, model);
        return http;
    }

    private static string VersionOf(MapField<string, ModelRepositoryParameter> parameters)
    {
        foreach (var (name, value) in parameters)
            ModelRepository.RequireKnown(
                name,
                value
                    is {
                        ParameterChoiceCase: ModelRepositoryParameter
                            .ParameterChoiceOneofCase
                            .BoolParam,
                        BoolParam: false
                    }
            );
        return parameters.TryGetValue("version", out var version) ? version.StringParam : "";
    }

    private static void RequireOneRepository(string name)
    {
        if (name.Length > 0)
            throw new NotFoundException(
                $"There is no repository '{name}': there is one, without a name."
            );
    }

    private static ModelMetadataResponse.Types.TensorMetadata Describe(TensorSignature tensor)
    {
        var answer = new ModelMetadataResponse.Types.TensorMetadata
        {
            Name = tensor.Name,
            Datatype = tensor.Datatype,
        };
        answer.Shape.AddRange(tensor.Shape);
        return answer;
    }
}
