using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Trust;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Gateway.Operations;

/// <summary>The cluster's status.</summary>
internal static class OperationsEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapGet(
                "/api/v1/status",
                async (ClusterStatusReader reader, HttpContext context) =>
                    JsonAnswer.Of(await reader.ReadAsync(context.RequestAborted))
            )
            .Needs(Permission.Read)
            .WithTags("Cluster")
            .WithSummary("The cluster at a glance: silos, slots, queue and counts")
            .Produces<ClusterStatus>();
        routes
            .MapGet(
                "/api/v1/gateways",
                (ClusterStatusReader reader) => JsonAnswer.Of(reader.ReadGateways())
            )
            .Needs(Permission.Predict | Permission.Read)
            .WithTags("Cluster")
            .WithSummary("The gateways that take calls now, for clients that follow the cluster")
            .Produces<IReadOnlyList<GatewayEndpoint>>();
    }
}
