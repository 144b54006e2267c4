using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Trust;

namespace OrleansMl.Grains;

/// <summary>Puts the guard before the grains.</summary>
public static class GrainCallGuardSiloBuilderExtensions
{
    /// <summary>
    /// Adds the cluster's keys and, by <paramref name="check"/>, the proof that this silo shows and the check of calls that show none.
    /// It needs Core's <see cref="TrustServiceCollectionExtensions.AddOrleansMlTrust"/>, <see cref="IClusterKeys"/> and <see cref="IAuditLog"/>.
    /// </summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="check">What to do; <see cref="GrainCallCheck.Auto"/> is the caller's to decide.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is Auto.</exception>
    public static IServiceCollection AddGrainCallGuard(
        this IServiceCollection services,
        GrainCallCheck check
    )
    {
        ArgumentOutOfRangeException.ThrowIfEqual(check, GrainCallCheck.Auto);
        services.AddOrleansMlTrust();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ClusterKeyRefresh>();
        if (check is GrainCallCheck.Prove or GrainCallCheck.Check)
            services.AddSingleton<IOutgoingGrainCallFilter, SiloProofFilter>();
        if (check == GrainCallCheck.Check)
            services.AddSingleton<IIncomingGrainCallFilter, GrainCallGuard>();
        return services;
    }
}
