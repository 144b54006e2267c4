using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Messaging;

namespace OrleansMl.Contracts.Trust.Tls;

/// <summary>Mutual TLS on the connections of Orleans: both sides show a certificate of the cluster's authority, and each checks the other's role.</summary>
/// <param name="source">Our certificate.</param>
/// <param name="check">Judges the other side's.</param>
/// <param name="isServer">Whether the other side opened the connection.</param>
/// <param name="roles">The roles that the other side may have.</param>
/// <param name="logger">Told why a connection was refused.</param>
public sealed partial class TlsConnectionMiddleware(
    CertificateSource source,
    PeerCertificateCheck check,
    bool isServer,
    IReadOnlyList<string> roles,
    ILogger<TlsConnectionMiddleware> logger
) : IConnectionMiddleware
{
    // A stranger who opens a connection and says nothing must not keep it.
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <inheritdoc/>
    public async Task OnConnectionAsync(ConnectionContext context, ConnectionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        var transport = context.Transport;
        string? refusal = null;
        await using var stream = new SslStream(
            new DuplexStream(transport),
            leaveInnerStreamOpen: false
        );
        using (var patience = new CancellationTokenSource(HandshakeTimeout))
        {
            try
            {
                await (
                    isServer
                        ? stream.AuthenticateAsServerAsync(Server(Judge), patience.Token)
                        : stream.AuthenticateAsClientAsync(Client(Judge), patience.Token)
                );
            }
            catch (Exception error)
                when (error
                        is AuthenticationException
                            or IOException
                            or OperationCanceledException
                            or ConnectionAbortedException
                )
            {
                var reason =
                    refusal
                    ?? (
                        error is OperationCanceledException
                            ? $"it did not finish the handshake within {HandshakeTimeout.TotalSeconds} s"
                            : error.Message
                    );
                LogRefused(isServer ? "from" : "to", context.RemoteEndPoint?.ToString(), reason);
                context.Abort();
                await transport.Output.CompleteAsync();
                await transport.Input.CompleteAsync();
                // The opener must know at once that there is no connection.
                if (!isServer)
                    throw new ConnectionAbortedException(
                        $"TLS with {context.RemoteEndPoint} failed: {reason}",
                        error
                    );
                return;
            }
        }
        var pipe = new TlsPipe(stream);
        context.Transport = pipe;
        try
        {
            await next(context);
        }
        finally
        {
            await pipe.CompleteAsync();
            context.Transport = transport;
        }

        bool Judge(
            object sender,
            X509Certificate? certificate,
            X509Chain? chain,
            SslPolicyErrors errors
        )
        {
            refusal = check.Refusal(
                certificate as X509Certificate2,
                chain?.ChainPolicy.ExtraStore,
                asServer: !isServer,
                roles
            );
            return refusal is null;
        }
    }

    private SslServerAuthenticationOptions Server(RemoteCertificateValidationCallback judge) =>
        new()
        {
            ServerCertificateContext = source.Current,
            ClientCertificateRequired = true,
            EnabledSslProtocols = Protocols,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = judge,
        };

    private SslClientAuthenticationOptions Client(RemoteCertificateValidationCallback judge) =>
        new()
        {
            // Not compared with the certificate: the role is.
            TargetHost = "orleansml",
            ClientCertificateContext = source.Current,
            EnabledSslProtocols = Protocols,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = judge,
        };

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A connection {Direction} {Peer} was refused: {Reason}."
    )]
    private partial void LogRefused(string direction, string? peer, string reason);

    private sealed class TlsPipe(SslStream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } =
            PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } =
            PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

        public async ValueTask CompleteAsync()
        {
            await Input.CompleteAsync();
            await Output.CompleteAsync();
        }
    }
}
