using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Core.Serving.Caching;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Core.Serving.Rollout;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Core.Serving.Traffic;

namespace OrleansMl.Core.Serving;

/// <summary>Registers the way from a call to an answer.</summary>
public static class ServingServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="ModelRoutes"/>, <see cref="ModelSignatures"/>, <see cref="ModelInvoker"/>, <see cref="PipelinePlans"/>, <see cref="BatchPlanner"/> and <see cref="ServingCounters"/>. They need
    /// <see cref="RoutingOptions"/>, <see cref="IModelSource"/>, <see cref="IModelPredictor"/> and a <see cref="TimeProvider"/>.
    /// </summary>
    public static IServiceCollection AddOrleansMlServing(this IServiceCollection services) =>
        services
            // The predictors ask the routes too: each finds the other only when it is needed.
            .AddSingleton(provider => new Lazy<IModelPredictor>(
                provider.GetRequiredService<IModelPredictor>
            ))
            .AddSingleton<ModelRoutes>()
            .AddSingleton<ModelSignatures>()
            .AddSingleton<TrafficCounters>()
            .AddSingleton<ShadowQueue>()
            .AddSingleton<ShadowRunner>()
            .AddSingleton<TrafficRouter>()
            .AddSingleton<ITrafficRandom>(
                new TrafficRandom(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)))
            )
            .AddSingleton<VersionWarmUp>()
            .AddSingleton<ResponseCache>()
            .AddSingleton<ModelInvoker>()
            .AddSingleton<PipelinePlans>()
            .AddSingleton<BatchPlanner>()
            .AddSingleton<ServingCounters>();
}
