using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Client.Trust;

/// <summary>Gives an Orleans client its token.</summary>
public static class ClusterTokenClientBuilderExtensions
{
    /// <summary>Grain calls of this client show a token that the gateway issues, renewed ahead of its expiry.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="gateway">Where tokens are asked for, with an API key or a token of an issuer. It must live as long as the client.</param>
    /// <param name="request">What the token is to permit. Default: all that the key may.</param>
    /// <example>
    /// <code>
    /// using var gateway = new OrleansMlClient(new OrleansMlClientOptions { Endpoints = [new Uri("https://oml.example")], ApiKey = key });
    /// builder.UseOrleansClient(client => client.UseOrleansMlToken(gateway));
    /// </code>
    /// </example>
    public static IClientBuilder UseOrleansMlToken(
        this IClientBuilder builder,
        OrleansMlClient gateway,
        ClusterTokenRequest? request = null
    )
    {
        ArgumentNullException.ThrowIfNull(gateway);
        return builder.UseOrleansMlToken(cancellationToken =>
            gateway.Tokens.IssueAsync(request, cancellationToken)
        );
    }

    /// <summary>Grain calls of this client show a token that <paramref name="issue"/> gives, renewed ahead of its expiry.</summary>
    public static IClientBuilder UseOrleansMlToken(
        this IClientBuilder builder,
        Func<CancellationToken, Task<ClusterTokenAnswer>> issue
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(issue);
        builder.Services.AddSingleton(provider => new ClusterTokenSource(
            issue,
            provider.GetService<TimeProvider>()
        ));
        builder.Services.AddSingleton<IOutgoingGrainCallFilter, ClusterTokenFilter>();
        return builder;
    }
}
