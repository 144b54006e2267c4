using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using OrleansMl.Client;
using OrleansMl.Client.Trust;
using OrleansMl.Contracts.Training;
using OrleansMl.Contracts.Trust;
using OrleansMl.Contracts.Trust.Tls;
using OrleansMl.Silo.Tests.Operations;

namespace OrleansMl.Silo.Tests.Trust;

/// <summary>TLS with certificates of scripts/certs and silos of their own processes.</summary>
public sealed class SiloTlsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("oml-tls-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Certs => Path.Combine(_directory, "certs");

    private string Data => Path.Combine(_directory, "data");

    [Fact]
    public async Task Https_speaks_http2_and_takes_a_renewed_certificate_without_a_restart()
    {
        await CertsAsync("ca");
        await CertsAsync("server", "web", "IP:127.0.0.1");
        using var silo = await SiloProcess.StartAsync(
            Data,
            "--url",
            "https://127.0.0.1:0",
            "--roles",
            "gateway",
            "--Security:Tls:Certificate",
            Path.Combine(Certs, "web.crt"),
            "--Security:Tls:Key",
            Path.Combine(Certs, "web.key")
        );

        var (first, version) = await GetAsync(silo.Url);
        await CertsAsync("server", "web", "IP:127.0.0.1", "--renew");
        // The silo looks at its files at most once a second.
        using var second = new PeriodicTimer(TimeSpan.FromMilliseconds(1100));
        await second.WaitForNextTickAsync(Token);
        var (renewed, _) = await GetAsync(silo.Url);

        Assert.Equal("https", silo.Url.Scheme);
        Assert.Equal(HttpVersion.Version20, version);
        Assert.NotEqual(first, renewed);
    }

    [Fact]
    public async Task An_orleans_client_needs_a_certificate_of_the_authority_and_a_token_that_permits_the_call()
    {
        await CertsAsync("ca");
        await CertsAsync("silo", "silo-1");
        await CertsAsync("client", "app");
        using var silo = await SiloProcess.StartAsync(
            Data,
            "--roles",
            "gateway",
            "--Silo:GatewayPort",
            "0",
            "--Security:ClusterTls:Certificate",
            Path.Combine(Certs, "silo-1.crt"),
            "--Security:ClusterTls:Key",
            Path.Combine(Certs, "silo-1.key"),
            "--Security:ClusterTls:Authority",
            Path.Combine(Certs, "ca.crt")
        );
        using var record = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(Data, "silo.json"), Token)
        );
        var port = record.RootElement.GetProperty("gatewayPort").GetInt32();

        // A certificate opens the connection, and no grain.
        await Assert.ThrowsAsync<AccessRefusedException>(() => AskPoolAsync(Client(port, null)));
        Assert.Equal(0, await AnswerToStrangerAsync(port));
        using var gateway = new OrleansMlClient(silo.Url.ToString());
        var predictor = new ClusterTokenRequest { Roles = [AccessRole.Predictor] };
        var reader = new ClusterTokenRequest { Roles = [AccessRole.Reader] };
        await Assert.ThrowsAsync<AccessRefusedException>(() =>
            AskPoolAsync(Client(port, client => client.UseOrleansMlToken(gateway, predictor)))
        );
        await AskPoolAsync(Client(port, client => client.UseOrleansMlToken(gateway, reader)));
        var bad = Task.FromResult(
            await gateway.Tokens.IssueAsync(reader, Token) with
            {
                Token = "omlt_e30.e30",
            }
        );
        await Assert.ThrowsAsync<AccessRefusedException>(() =>
            AskPoolAsync(Client(port, client => client.UseOrleansMlToken(_ => bad)))
        );
    }

    private static async Task AskPoolAsync(IHost app)
    {
        using (app)
        {
            await app.StartAsync(Token);
            await app
                .Services.GetRequiredService<IClusterClient>()
                .GetGrain<ITrainingPoolGrain>(ITrainingPoolGrain.Key)
                .GetAsync(Token);
            await app.StopAsync(Token);
        }
    }

    [Theory]
    [InlineData("--url", "https://127.0.0.1:0", "Security:Tls:Certificate")]
    [InlineData("--Security:Tls:Certificate", "/nowhere.pem", "Silo:Url")]
    [InlineData("--Security:ClusterTls:Certificate", "/nowhere.pem", "Security:ClusterTls")]
    [InlineData("--Security:ClusterTls:Authority", "/nowhere.pem", "Security:ClusterTls")]
    public async Task Half_a_configuration_is_refused_by_key(
        string key,
        string value,
        string expected
    )
    {
        var (code, output) = await SiloProcess.RunAsync("--data", Data, key, value);

        Assert.Equal(2, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_certificate_is_refused_by_key_and_file()
    {
        var (code, output) = await SiloProcess.RunAsync(
            "--data",
            Data,
            "--url",
            "https://127.0.0.1:0",
            "--Security:Tls:Certificate",
            "/nowhere.pem"
        );

        Assert.Equal(2, code);
        Assert.Contains("Security:Tls:Certificate", output, StringComparison.Ordinal);
        Assert.Contains("/nowhere.pem", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private async Task<(string Thumbprint, Version Version)> GetAsync(Uri url)
    {
        string? thumbprint = null;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore =
                    {
                        X509CertificateLoader.LoadCertificateFromFile(
                            Path.Combine(Certs, "ca.crt")
                        ),
                    },
                },
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    thumbprint = (certificate as X509Certificate2)?.Thumbprint;
                    return errors == SslPolicyErrors.None;
                },
            },
        };
        using var http = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20 };
        using var response = await http.GetAsync(new Uri(url, "health/live"), Token);
        response.EnsureSuccessStatusCode();
        return (thumbprint!, response.Version);
    }

    // Bytes that the silo says to who has no certificate, in TLS to its end.
    private static async Task<int> AnswerToStrangerAsync(int port)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, Token);
        await using var stream = new SslStream(
            socket.GetStream(),
            false,
            (_, silo, _, _) => silo is not null
        );
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "stranger" },
                Token
            );
            return await stream.ReadAsync(new byte[1024], Token);
        }
        // The refusal comes with the handshake or, in TLS 1.3, after it.
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            return 0;
        }
    }

    private IHost Client(int port, Action<IClientBuilder>? configure)
    {
        var builder = new HostApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(options =>
                (options.ClusterId, options.ServiceId) = ("oml", "oml")
            );
            client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, port));
            configure?.Invoke(client);
            client.Configure<ClientConnectionOptions>(options =>
                options.ConfigureConnection(connection =>
                    connection.UseMiddleware(
                        new TlsConnectionMiddleware(
                            new CertificateSource(
                                Path.Combine(Certs, "app.crt"),
                                Path.Combine(Certs, "app.key"),
                                null,
                                TimeProvider.System,
                                _ => { }
                            ),
                            new PeerCertificateCheck(
                                Path.Combine(Certs, "ca.crt"),
                                TimeProvider.System
                            ),
                            isServer: false,
                            [CertificateRoles.Silo],
                            NullLogger<TlsConnectionMiddleware>.Instance
                        )
                    )
                )
            );
        });
        return builder.Build();
    }

    private async Task CertsAsync(string kind, params string[] arguments)
    {
        using var process = Process.Start(
            Path.Combine(FindRoot(), "scripts", "certs"),
            [kind, Certs, .. arguments]
        );
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
    }

    private static string FindRoot([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
