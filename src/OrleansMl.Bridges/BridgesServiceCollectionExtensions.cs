using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Bridges.Serving.Events;
using OrleansMl.Contracts;
using OrleansMl.Core.Serving.Events;

namespace OrleansMl.Bridges;

/// <summary>Wires the bridges to brokers.</summary>
public static class BridgesServiceCollectionExtensions
{
    /// <summary>Adds the configured bridges; nothing where none is. They need Core's event publisher and consumer groups, and a silo that consumes for groups.</summary>
    /// <exception cref="InvalidInputException">An option is wrong; the message names each key.</exception>
    public static IServiceCollection AddOrleansMlBridges(
        this IServiceCollection services,
        NatsOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = options.Validate().ToList();
        if (errors.Count > 0)
            throw new InvalidInputException(string.Join(Environment.NewLine, errors));
        if (options.Incoming.Count + options.Outgoing.Count == 0)
            return services;
        services.AddSingleton(options);
        services.AddSingleton<NatsLink>();
        services.AddSingleton<IEventHandler, NatsForwarder>();
        services.AddHostedService<NatsBridges>();
        return services;
    }
}
