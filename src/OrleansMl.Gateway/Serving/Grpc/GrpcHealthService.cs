using Grpc.Core;
using Grpc.Health.V1;
using Orleans.Runtime;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>gRPC's own health protocol, for probes and load balancers: serving while the silo is an active member of its cluster.</summary>
internal sealed class GrpcHealthService(ServerHealth health) : Health.HealthBase
{
    private const string Inference = "inference.GRPCInferenceService";

    public override Task<HealthCheckResponse> Check(
        HealthCheckRequest request,
        ServerCallContext context
    )
    {
        if (request.Service is not ("" or Inference))
            throw new RpcException(
                new Status(StatusCode.NotFound, $"There is no service '{request.Service}'.")
            );
        return Task.FromResult(Answer(health.Status == SiloStatus.Active));
    }

    public override async Task Watch(
        HealthCheckRequest request,
        IServerStreamWriter<HealthCheckResponse> responseStream,
        ServerCallContext context
    )
    {
        if (request.Service is not ("" or Inference))
        {
            await responseStream.WriteAsync(
                new HealthCheckResponse
                {
                    Status = HealthCheckResponse.Types.ServingStatus.ServiceUnknown,
                },
                context.CancellationToken
            );
            return;
        }
        bool? told = null;
        await foreach (var status in health.WatchAsync(context.CancellationToken))
        {
            var serving = status == SiloStatus.Active;
            if (told == serving)
                continue;
            told = serving;
            await responseStream.WriteAsync(Answer(serving), context.CancellationToken);
        }
    }

    private static HealthCheckResponse Answer(bool serving) =>
        new()
        {
            Status = serving
                ? HealthCheckResponse.Types.ServingStatus.Serving
                : HealthCheckResponse.Types.ServingStatus.NotServing,
        };
}
