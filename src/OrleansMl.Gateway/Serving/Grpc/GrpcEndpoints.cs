using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>Registers and maps the gRPC side of the gateway.</summary>
internal static class GrpcEndpoints
{
    private const string ProtoFile = "open_inference.proto";

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<GrpcErrors>();
        services.AddSingleton<GrpcInference>();
        services.AddGrpc();
        services.AddGrpcReflection();
        services
            .AddOptions<GrpcServiceOptions>()
            .Configure<IOptions<GatewayOptions>>(
                (grpc, gateway) =>
                {
                    grpc.Interceptors.Add<GrpcErrorInterceptor>();
                    grpc.MaxReceiveMessageSize = (int)gateway.Value.MaxInferenceBytes;
                    // Unknown calls are answered by the error middleware, which says what is not offered.
                    grpc.IgnoreUnknownServices = true;
                }
            );
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<InferenceGrpcService>().Add(Declare);
        routes.MapGrpcService<GrpcHealthService>().IsOpen();
        routes.MapGrpcReflectionService().Needs(Permission.Predict | Permission.Read);
        routes
            .MapGet($"/proto/{ProtoFile}", Proto)
            .WithTags("Open Inference Protocol v2")
            .IsOpen()
            .WithSummary("The protocol's file for gRPC clients");
    }

    private static void Declare(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<GrpcMethodMetadata>().FirstOrDefault() is not { } grpc)
            return;
        foreach (var declared in Of(grpc.Method.Name))
            endpoint.Metadata.Add(declared);
        if (endpoint.RequestDelegate is { } call)
            endpoint.RequestDelegate = async context =>
            {
                await call(context);
                context.RequestServices.GetRequiredService<GrpcErrors>().MendUnread(context);
            };
        // Each message has its limit; the server's own of a whole body would end long streams and large messages.
        endpoint.Metadata.Add(new UnlimitedBody());
    }

    private static object[] Of(string method)
    {
        const Permission see = Permission.Predict | Permission.Read;
        return method switch
        {
            nameof(InferenceGrpcService.ServerLive) or nameof(InferenceGrpcService.ServerReady) =>
            [
                new AccessRequirement(Permission.None, ModelScope.None),
            ],
            nameof(InferenceGrpcService.ServerMetadata) =>
            [
                new AccessRequirement(see, ModelScope.None),
            ],
            nameof(InferenceGrpcService.ModelInfer)
            or nameof(InferenceGrpcService.ModelStreamInfer) =>
            [
                new AccessRequirement(Permission.Predict, ModelScope.Checked),
            ],
            nameof(InferenceGrpcService.RepositoryModelLoad) =>
            [
                new AccessRequirement(Permission.Operate, ModelScope.Checked),
                new AuditedAction("model.load", "model", null),
            ],
            nameof(InferenceGrpcService.RepositoryModelUnload) =>
            [
                new AccessRequirement(Permission.Operate, ModelScope.Checked),
                new AuditedAction("model.unload", "model", null),
            ],
            _ => [new AccessRequirement(see, ModelScope.Checked)],
        };
    }

    private static IResult Proto() =>
        Results.Stream(
            typeof(GrpcEndpoints).Assembly.GetManifestResourceStream(ProtoFile)!,
            "text/plain; charset=utf-8"
        );

    private sealed class UnlimitedBody : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => null;
    }
}
