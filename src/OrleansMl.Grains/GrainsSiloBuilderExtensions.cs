using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Placement;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Caching;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Core.Serving.Explanations;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Jobs;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Serving.Pipelines;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Sequences;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Datasets;
using OrleansMl.Grains.Models;
using OrleansMl.Grains.Operations;
using OrleansMl.Grains.Serving;
using OrleansMl.Grains.Serving.Batching;
using OrleansMl.Grains.Serving.Events;
using OrleansMl.Grains.Serving.Jobs;
using OrleansMl.Grains.Serving.Residency;
using OrleansMl.Grains.Serving.Routing;
using OrleansMl.Grains.Serving.Schedules;
using OrleansMl.Grains.Serving.Sequences;
using OrleansMl.Grains.Serving.Traffic;
using OrleansMl.Grains.Serving.Watching;
using OrleansMl.Grains.Training;
using OrleansMl.Grains.Trust;

namespace OrleansMl.Grains;

/// <summary>Registers the grains on a silo.</summary>
public static class GrainsSiloBuilderExtensions
{
    /// <summary>
    /// Adds the grains' options (bound to their sections of the configuration and checked at start), placement, call
    /// filter and <see cref="ILocalPredictor"/>. The silo also needs: grain storage named
    /// <see cref="Core.Operations.GrainStorageNames.Default"/>, silo metadata (<see cref="Core.Operations.SiloMetadataKeys"/>),
    /// a <see cref="TimeProvider"/>, the catalogue, artifact references and metrics store; with the role serve, local
    /// artifacts, the artifact store and an inference engine; with the role train, a worker supervisor.
    /// </summary>
    public static ISiloBuilder AddOrleansMlGrains(this ISiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddCheckedOptions<DatasetOptions>(DatasetOptions.Section);
        services.AddCheckedOptions<ModelOptions>(ModelOptions.Section);
        services.AddCheckedOptions<TrainingRunOptions>(TrainingRunOptions.Section);
        services.AddCheckedOptions<TrainingPoolOptions>(TrainingPoolOptions.Section);
        services.AddCheckedOptions<PredictorOptions>(PredictorOptions.Section);
        services.AddCheckedOptions<WatchOptions>(WatchOptions.Section);
        services.AddPlacementFilter<OnSlotSiloFilterStrategy, OnSlotSiloFilterDirector>(
            ServiceLifetime.Transient
        );
        services.AddPlacementFilter<RequireRoleFilterStrategy, RequireRoleFilterDirector>(
            ServiceLifetime.Transient
        );
        services
            .AddOptions<RoutingOptions>()
            .BindConfiguration(RoutingOptions.Section)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<RoutingOptions>, RoutingOptionsValidator>();
        services.AddPlacementFilter<OnNamedSiloFilterStrategy, OnNamedSiloFilterDirector>(
            ServiceLifetime.Transient
        );
        services
            .AddOptions<KeyRingOptions>()
            .BindConfiguration(KeyRingOptions.Section)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<KeyRingOptions>, KeyRingOptionsValidator>();
        services.TryAddSingleton<KeyRing>();
        services.AddSingleton<KeyRingPush>();
        services
            .AddOptions<LimitOptions>()
            .BindConfiguration(LimitOptions.Section)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>();
        services.AddSingleton<RuleAudit>();
        builder.AddModelResidency();
        services.AddSingleton<ClusterPredictor>();
        services.AddSingleton(provider => new PipelinePredictor(
            provider.GetRequiredService<ClusterPredictor>(),
            provider.GetRequiredService<ILocalPredictor>(),
            provider.GetRequiredService<PipelinePlans>(),
            new Lazy<ModelInvoker>(provider.GetRequiredService<ModelInvoker>),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<IModelPredictor>(provider =>
            provider.GetRequiredService<PipelinePredictor>()
        );
        services.AddSingleton<IModelSource, GrainModelSource>();
        services.AddOrleansMlServing();
        services
            .AddOptions<ResponseCacheOptions>()
            .BindConfiguration(ResponseCacheOptions.Section)
            .ValidateOnStart();
        services.AddSingleton<
            IValidateOptions<ResponseCacheOptions>,
            ResponseCacheOptionsValidator
        >();
        services.AddSingleton<ISequenceRunner, ClusterSequences>();
        services.AddModelTraffic();
        services.AddModelWatching();
        services.AddCheckedOptions<JobOptions>(JobOptions.Section);
        services.AddSingleton<JobCalls>();
        services.AddSingleton<DatasetJob>();
        services.AddSingleton<RequestJob>();
        services.AddSingleton<JobAttempts>();
        services.AddSingleton(provider => new Lazy<JobAttempts>(
            provider.GetRequiredService<JobAttempts>
        ));
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, JobWorkers>();
        services.AddCheckedOptions<ScheduleOptions>(ScheduleOptions.Section);
        services.AddSingleton<ScheduledBatches>();
        builder.AddOutgoingGrainCallFilter<MessageSizeFilter>();
        return builder;
    }

    private static void AddModelResidency(this ISiloBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(provider => new InferenceThreads(
            provider.GetRequiredService<IOptions<PredictorOptions>>().Value.Threads,
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<ModelLoader>();
        services.AddSingleton<PredictorSessions>();
        services.AddSingleton<ILocalPredictor>(provider =>
            provider.GetRequiredService<PredictorSessions>()
        );
        builder.AddGrainService<ServingSiloService>();
        services.AddSingleton<ServingSiloClient>();
        services.AddSingleton<ServingSilos>();
        services.AddSingleton<IServingSilos>(provider =>
            provider.GetRequiredService<ServingSilos>()
        );
        services.AddSingleton<IModelResidency, ModelResidency>();
        services.AddSingleton<IServingStatistics, ClusterStatistics>();
    }

    private static void AddModelTraffic(this IServiceCollection services)
    {
        services
            .AddOptions<TrafficOptions>()
            .BindConfiguration(TrafficOptions.Section)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<TrafficOptions>, TrafficOptionsValidator>();
        services.AddSingleton<RoutePush>();
        services.AddSingleton<TrafficReporter>();
        services.AddHostedService(p => p.GetRequiredService<TrafficReporter>());
        services.AddHostedService<ShadowService>();
    }

    private static void AddModelWatching(this IServiceCollection services)
    {
        services
            .AddOptions<ExplanationOptions>()
            .BindConfiguration(ExplanationOptions.Section)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<ExplanationOptions>, ExplanationOptionsValidator>();
        services.AddSingleton<WatchProfiles>();
        services.AddSingleton<IExplanationReferences>(p => p.GetRequiredService<WatchProfiles>());
        services.AddSingleton<ModelExplainer>();
        services.AddSingleton<PayloadCommits>();
        services.AddSingleton<PayloadLog>();
        services.AddSingleton<PredictionLog>();
        services.AddSingleton<QualityJoin>();
        services.AddSingleton<QualityWatch>();
        services.AddSingleton<AlertNotices>();
        services.AddSingleton<CallWatcher>();
        services.AddSingleton<IInferenceObserver>(p => p.GetRequiredService<CallWatcher>());
        services.AddSingleton<WatchReporter>();
        services.AddHostedService(p => p.GetRequiredService<WatchReporter>());
    }

    /// <summary>
    /// Adds the consumption of events by this silo, with <see cref="EventConsumerOptions"/>. Call it after the silo was added, so that
    /// consuming begins when the silo is up and ends before it leaves. It needs Core's topics, consumer groups, signals and JSON forms.
    /// </summary>
    public static IServiceCollection AddOrleansMlEvents(this IServiceCollection services)
    {
        services.AddCheckedOptions<EventConsumerOptions>(EventConsumerOptions.Section);
        services.AddSingleton<IEventHandler, InferenceEventHandler>();
        services.AddHostedService<EventConsumers>();
        return services;
    }

    private static void AddCheckedOptions<T>(this IServiceCollection services, string section)
        where T : class, ICheckedOptions
    {
        services.AddSingleton<IValidateOptions<T>>(new CheckedOptionsValidator<T>(section));
        services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
    }
}
