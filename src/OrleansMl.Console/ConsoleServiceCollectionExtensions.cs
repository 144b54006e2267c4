using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansMl.Console.Models;
using OrleansMl.Console.Operations;
using OrleansMl.Console.Training;
using OrleansMl.Console.Trust;

namespace OrleansMl.Console;

/// <summary>Registers the console.</summary>
public static class ConsoleServiceCollectionExtensions
{
    /// <summary>
    /// Adds what <see cref="ConsoleEndpoints.MapOrleansMlConsole"/> needs beside the gateway's services and Core's ports
    /// <c>IClusterKeys</c> and <c>IModelResidency</c>.
    /// </summary>
    public static IServiceCollection AddOrleansMlConsole(
        this IServiceCollection services,
        Action<ConsoleOptions>? configure = null
    )
    {
        var options = services.AddOptions<ConsoleOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<ConsoleOptions>, ConsoleOptionsValidator>()
        );
        AddTrust(services);
        services.AddSingleton<ConsoleAssets>();
        services.AddSingleton<LiveViewSlots>();
        services.AddSingleton<OverviewReader>();
        services.AddSingleton<RunReader>();
        services.AddSingleton<ModelReader>();
        services.AddRazorComponents().AddInteractiveServerComponents();
        services
            .AddOptions<CircuitOptions>()
            .Configure<IOptions<ConsoleOptions>>(
                (circuits, console) =>
                    circuits.DisconnectedCircuitMaxRetained = console.Value.MaxLiveViews
            );
        return services;
    }

    // What pages and cookies carry is protected by keys that all silos of the cluster have: any of them takes what another gave.
    private static void AddTrust(IServiceCollection services)
    {
        services.AddSingleton<ConsoleSessions>();
        services.AddSingleton<ClusterKeyRepository>();
        services.AddHostedService(provider => provider.GetRequiredService<ClusterKeyRepository>());
        services.AddDataProtection().SetApplicationName("OrleansMl");
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<ClusterKeyRepository>(
                (keys, repository) =>
                {
                    keys.XmlRepository = repository;
                    keys.AutoGenerateKeys = false;
                }
            );
        services.Replace(ServiceDescriptor.Singleton<IKeyManager, ClusterKeyManager>());
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "oml-console-form";
            antiforgery.Cookie.Path = ConsoleEndpoints.Root;
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            // The pages' own policy says who may frame them.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
    }
}
