using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace OrleansMl.Core.Trust;

/// <summary>Registers keys and tokens of the cluster.</summary>
public static class TrustServiceCollectionExtensions
{
    /// <summary>
    /// Adds this silo's copies of the API keys and of the cluster's keys, and the tokens signed with those; once, however often it
    /// is called. Options come from their sections, where the host has a configuration that binds them.
    /// </summary>
    public static IServiceCollection AddOrleansMlTrust(this IServiceCollection services)
    {
        services.AddOptions<KeyRingOptions>();
        services.AddOptions<ClusterTokenOptions>().ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<
                IValidateOptions<ClusterTokenOptions>,
                ClusterTokenOptionsValidator
            >()
        );
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<KeyRing>();
        services.TryAddSingleton<ClusterKeyRing>();
        services.TryAddSingleton<ClusterTokens>();
        services.TryAddSingleton<ClusterKeyRotation>();
        return services;
    }
}
