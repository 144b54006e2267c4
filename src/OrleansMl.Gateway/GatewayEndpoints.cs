using Microsoft.AspNetCore.Builder;
using OrleansMl.Gateway.Datasets;
using OrleansMl.Gateway.Models;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Serving;
using OrleansMl.Gateway.Serving.Events;
using OrleansMl.Gateway.Serving.Grpc;
using OrleansMl.Gateway.Serving.Jobs;
using OrleansMl.Gateway.Serving.Limits;
using OrleansMl.Gateway.Serving.Pipelines;
using OrleansMl.Gateway.Serving.Repository;
using OrleansMl.Gateway.Serving.Schedules;
using OrleansMl.Gateway.Training;
using OrleansMl.Gateway.Trust;
using Scalar.AspNetCore;

namespace OrleansMl.Gateway;

/// <summary>Maps the gateway.</summary>
public static class GatewayEndpoints
{
    /// <summary>
    /// Adds the gateway's routes, the error shape and the keys to the application. Call it before mapping other routes: its
    /// middleware then covers them too. Every route declares who may call it (<see cref="AccessEndpointExtensions"/>).
    /// </summary>
    public static WebApplication MapOrleansMlGateway(this WebApplication app)
    {
        app.UseOrleansMlTrust();
        OperationsEndpoints.Map(app);
        DatasetEndpoints.Map(app);
        RunEndpoints.Map(app);
        ModelEndpoints.Map(app);
        ServingPolicyEndpoints.Map(app);
        TrafficEndpoints.Map(app);
        PipelineEndpoints.Map(app);
        JobEndpoints.Map(app);
        ScheduleEndpoints.Map(app);
        WatchEndpoints.Map(app);
        PredictEndpoints.Map(app);
        TopicEndpoints.Map(app);
        GroupEndpoints.Map(app);
        InferenceEndpoints.Map(app);
        RepositoryEndpoints.Map(app);
        GrpcEndpoints.Map(app);
        KeyEndpoints.Map(app);
        LimitEndpoints.Map(app);
        ClusterTokenEndpoints.Map(app);
        AuditEndpoints.Map(app);
        app.MapOpenApi("/openapi/{documentName}.json").IsOpen();
        app.MapScalarApiReference(
                "/docs",
                options => options.WithTitle("OrleansMl").DisableDefaultFonts()
            )
            .IsOpen();
        return app;
    }

    /// <summary>
    /// Adds the error shape and the keys alone, for a silo without the role gateway: its metrics and artifacts need them too.
    /// <see cref="MapOrleansMlGateway"/> does this itself.
    /// </summary>
    public static WebApplication UseOrleansMlTrust(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseMiddleware<PoolMiddleware>();
        app.UseMiddleware<ErrorMiddleware>();
        app.UseMiddleware<AccessMiddleware>();
        app.UseMiddleware<LimitMiddleware>();
        return app;
    }
}
