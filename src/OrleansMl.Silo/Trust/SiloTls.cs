using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust.Tls;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Silo.Trust;

/// <summary>TLS of a silo's ports.</summary>
internal static partial class SiloTls
{
    private const string Http = $"{SecurityOptions.Section}:{nameof(SecurityOptions.Tls)}";
    private const string Cluster =
        $"{SecurityOptions.Section}:{nameof(SecurityOptions.ClusterTls)}";

    /// <summary>Makes Kestrel speak TLS on its https addresses.</summary>
    /// <exception cref="InvalidInputException">A file can't be used; the message names the key.</exception>
    public static IWebHostBuilder UseTls(this IWebHostBuilder web, TlsOptions options)
    {
        if (string.IsNullOrEmpty(options.Certificate))
            return web;
        var notice = new Notice();
        var source = Named(
            $"{Http}:{nameof(options.Certificate)}",
            () =>
                new CertificateSource(
                    options.Certificate,
                    options.Key,
                    options.Password,
                    TimeProvider.System,
                    notice.Write
                )
        );
        var clients = options.ClientAuthority is { Length: > 0 } authority
            ? Named(
                $"{Http}:{nameof(options.ClientAuthority)}",
                () => new PeerCertificateCheck(authority, TimeProvider.System)
            )
            : null;
        web.UseKestrelHttpsConfiguration();
        return web.ConfigureKestrel(kestrel =>
        {
            notice.Logger = kestrel.ApplicationServices.GetRequiredService<
                ILogger<CertificateSource>
            >();
            kestrel.ConfigureHttpsDefaults(https =>
            {
                https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                https.ServerCertificateSelector = (_, _) => source.Current.TargetCertificate;
                https.OnAuthenticate = (_, ssl) =>
                {
                    // With the intermediates, which a bare certificate leaves out.
                    ssl.ServerCertificateSelectionCallback = null;
                    ssl.ServerCertificateContext = source.Current;
                };
                if (clients is null)
                    return;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (certificate, chain, _) =>
                {
                    var refusal = clients.Refusal(
                        certificate,
                        chain?.ChainPolicy.ExtraStore,
                        asServer: false,
                        []
                    );
                    if (refusal is not null)
                        LogClientRefused(notice.Logger, refusal);
                    return refusal is null;
                };
            });
        });
    }

    /// <summary>Puts mutual TLS on the connections between silos and with Orleans clients.</summary>
    /// <exception cref="InvalidInputException">A file can't be used; the message names the key.</exception>
    public static void UseClusterTls(this ISiloBuilder silo, ClusterTlsOptions options)
    {
        if (!options.IsConfigured())
            return;
        var notice = new Notice();
        var source = Named(
            $"{Cluster}:{nameof(options.Certificate)}",
            () =>
                new CertificateSource(
                    options.Certificate!,
                    options.Key,
                    options.Password,
                    TimeProvider.System,
                    notice.Write
                )
        );
        var check = Named(
            $"{Cluster}:{nameof(options.Authority)}",
            () => new PeerCertificateCheck(options.Authority!, TimeProvider.System)
        );
        silo.Configure<SiloConnectionOptions>(connections =>
        {
            connections.ConfigureSiloInboundConnection(builder =>
                Use(builder, isServer: true, CertificateRoles.Silo)
            );
            connections.ConfigureSiloOutboundConnection(builder =>
                Use(builder, isServer: false, CertificateRoles.Silo)
            );
            connections.ConfigureGatewayInboundConnection(builder =>
                Use(builder, isServer: true, CertificateRoles.Client, CertificateRoles.Silo)
            );
        });

        void Use(IConnectionBuilder builder, bool isServer, params string[] roles)
        {
            var services = builder.ApplicationServices;
            notice.Logger = services.GetRequiredService<ILogger<CertificateSource>>();
            builder.UseMiddleware(
                new TlsConnectionMiddleware(
                    source,
                    check,
                    isServer,
                    roles,
                    services.GetRequiredService<ILogger<TlsConnectionMiddleware>>()
                )
            );
        }
    }

    private static T Named<T>(string key, Func<T> create)
    {
        try
        {
            return create();
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException($"{key}: {e.Message}", e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A caller's certificate was refused: {Reason}.")]
    private static partial void LogClientRefused(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Warning, "{Text}")]
    private static partial void LogNotice(ILogger logger, string text);

    // Certificates are read before there is a logger.
    private sealed class Notice
    {
        public ILogger Logger { get; set; } = NullLogger.Instance;

        public void Write(string text) => LogNotice(Logger, text);
    }
}
