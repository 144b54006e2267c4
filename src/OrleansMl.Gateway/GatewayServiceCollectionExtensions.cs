using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Trust;
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
using OrleansMl.Gateway.Training;
using OrleansMl.Gateway.Trust;
using OrleansMl.Gateway.Trust.Jwt;

namespace OrleansMl.Gateway;

/// <summary>Registers the gateway.</summary>
public static class GatewayServiceCollectionExtensions
{
    /// <summary>
    /// Adds what <see cref="GatewayEndpoints.MapOrleansMlGateway"/> needs beside the silo's own services: an Orleans silo with
    /// silo metadata, and Core's ports <c>ICatalog</c>, <c>IArtifactStore</c>, <c>ILocalArtifacts</c>, <c>ITrainingMetricsStore</c>,
    /// <c>IDatasetImporter</c>, <c>IDatasetPreview</c>, <c>IInferenceEngine</c>, <c>ILocalPredictor</c>, <c>IAuditLog</c>, <c>IClusterKeys</c>, <c>IModelResidency</c>, <c>IServingStatistics</c>, <c>IEventLog</c> and <c>IConsumerGroups</c> with their <c>EventSignals</c>, and Core's <c>AddOrleansMlServing</c>. Options are
    /// validated at start; bind <see cref="SecurityOptions"/> to its section as well.
    /// </summary>
    public static IServiceCollection AddOrleansMlGateway(
        this IServiceCollection services,
        Action<GatewayOptions>? configure = null
    )
    {
        var options = services.AddOptions<GatewayOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.AddOptions<SecurityOptions>().ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>()
        );
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<
                IValidateOptions<SecurityOptions>,
                SecurityOptionsValidator
            >()
        );
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<ConfiguredKeys>();
        services.AddOrleansMlTrust();
        services.AddSingleton<JwtAuthenticator>();
        services.AddHostedService<IssuerKeyRefresh>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<AuditRecorder>();
        services.AddSingleton<KeyRingRefresh>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyRingRefresh>());
        AddLimits(services);
        services.AddSingleton<ClusterStatusReader>();
        services.AddSingleton<EventStreams>();
        services.AddSingleton<Spool>();
        services.AddSingleton<ImportSlots>();
        services.AddSingleton<DatasetImports>();
        services.AddSingleton<ImportAnswer>();
        services.AddSingleton<ModelImports>();
        services.AddSingleton<RunSubmission>();
        services.AddSingleton<RunEvents>();
        services.AddSingleton<ServingMetrics>();
        services.AddSingleton<InferenceService>();
        services.AddSingleton<ServerHealth>();
        services.AddSingleton<ServingDescription>();
        services.AddSingleton<ModelRepository>();
        GrpcEndpoints.Add(services);
        services.AddSingleton<PipelineSaving>();
        services.AddSingleton<JobSubmission>();
        services.AddSingleton<EventReading>();
        services.AddSingleton<IPredictionJson, PredictionJson>();
        services.AddHostedService<SpoolSweep>();
        // Routes write ContractsJson themselves; the description is read off these options.
        services.ConfigureHttpJsonOptions(http =>
        {
            http.SerializerOptions.NumberHandling = ContractsJson.Options.NumberHandling;
            http.SerializerOptions.DefaultIgnoreCondition = ContractsJson
                .Options
                .DefaultIgnoreCondition;
            foreach (var converter in ContractsJson.Options.Converters)
                http.SerializerOptions.Converters.Add(converter);
        });
        services.AddOpenApi(OpenApiDescription.DocumentName, OpenApiDescription.Configure);
        return services;
    }

    private static void AddLimits(IServiceCollection services)
    {
        services.AddOptions<LimitOptions>();
        services.AddSingleton<ILimitSource, ClusterLimitSource>();
        services.AddSingleton<LimitRegistry>();
        services.AddSingleton<AddressLimits>();
        services.AddSingleton<LimitMetrics>();
        services.AddSingleton<GatewayLoad>();
        services.AddSingleton<AnonymousCallers>();
        services.AddSingleton<RequestLimits>();
        services.AddSingleton<LimitRenewals>();
        services.AddHostedService(provider => provider.GetRequiredService<LimitRenewals>());
    }
}
