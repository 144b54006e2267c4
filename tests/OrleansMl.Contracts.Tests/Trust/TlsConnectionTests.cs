using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Trust.Tls;

namespace OrleansMl.Contracts.Tests.Trust;

public sealed class TlsConnectionTests : IDisposable
{
    private readonly Authority _ours = new();
    private readonly Authority _other = new();
    private readonly List<string> _log = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_silos_of_one_authority_talk()
    {
        var (server, client) = await TalkAsync(
            _ours.Issue("silo", "a"),
            _ours.Issue("silo", "b"),
            [CertificateRoles.Silo]
        );

        Assert.Equal("ping", server);
        Assert.Equal("pong", client);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task A_client_is_taken_where_clients_may_come()
    {
        var (server, _) = await TalkAsync(
            _ours.Issue("silo", "a"),
            _ours.Issue("client", "b", uses: ["1.3.6.1.5.5.7.3.2"]),
            [CertificateRoles.Client, CertificateRoles.Silo]
        );

        Assert.Equal("ping", server);
    }

    [Theory]
    [InlineData("role", "has the role (OU) 'client', expected silo")]
    [InlineData("authority", "PartialChain")]
    [InlineData("expired", "NotTimeValid")]
    [InlineData("use", "NotValidForUsage")]
    public async Task A_wrong_certificate_is_refused_and_the_log_names_why(
        string wrong,
        string expected
    )
    {
        var peer = wrong switch
        {
            "role" => _ours.Issue("client", "b"),
            "authority" => _other.Issue("silo", "b"),
            "expired" => _ours.Issue(
                "silo",
                "b",
                until: new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero)
            ),
            _ => _ours.Issue("silo", "b", uses: ["1.3.6.1.5.5.7.3.1"]),
        };

        var (server, _) = await TalkAsync(_ours.Issue("silo", "a"), peer, [CertificateRoles.Silo]);

        Assert.Null(server);
        Assert.Contains(
            _log,
            line =>
                line.Contains("from", StringComparison.Ordinal)
                && line.Contains(expected, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_silo_opens_no_connection_to_a_stranger()
    {
        var (server, client) = await TalkAsync(
            _other.Issue("silo", "a"),
            _ours.Issue("silo", "b"),
            [CertificateRoles.Silo],
            serverAuthority: _ours
        );

        Assert.Null(server);
        Assert.Null(client);
        Assert.Contains(
            _log,
            line =>
                line.Contains("to", StringComparison.Ordinal)
                && line.Contains("PartialChain", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_plain_connection_is_refused()
    {
        var (ours, theirs) = Pair();
        var serving = Middleware(
                _ours.Issue("silo", "a"),
                _ours,
                isServer: true,
                [CertificateRoles.Silo]
            )
            .OnConnectionAsync(ours, _ => throw new InvalidOperationException("It was let in."));
        await theirs.Transport.Output.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Token);
        await theirs.Transport.Output.CompleteAsync();

        await serving;

        Assert.Single(_log);
    }

    [Fact]
    public void A_changed_certificate_is_read_again_and_a_broken_one_passed_over()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var file = _ours.Issue("silo", "a");
        var source = new CertificateSource(file, null, null, time, _log.Add);
        var first = source.Current.TargetCertificate.Thumbprint;

        File.WriteAllText(file, "broken");
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(first, source.Current.TargetCertificate.Thumbprint);
        Assert.Contains("can't be used", Assert.Single(_log), StringComparison.Ordinal);
        _ours.Issue("silo", "a");
        Assert.Equal(first, source.Current.TargetCertificate.Thumbprint);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotEqual(first, source.Current.TargetCertificate.Thumbprint);
    }

    [Fact]
    public void Files_that_are_no_certificates_are_refused_by_name()
    {
        var file = Path.GetTempFileName();
        try
        {
            foreach (
                var read in new Action[]
                {
                    () =>
                        _ = new CertificateSource(file, null, null, TimeProvider.System, _log.Add),
                    () => _ = new PeerCertificateCheck(file, TimeProvider.System),
                }
            )
                Assert.Contains(
                    file,
                    Assert.Throws<InvalidInputException>(read).Message,
                    StringComparison.Ordinal
                );
        }
        finally
        {
            File.Delete(file);
        }
    }

    public void Dispose()
    {
        _ours.Dispose();
        _other.Dispose();
    }

    // What the server and the client read; null where it was not let in.
    private async Task<(string? Server, string? Client)> TalkAsync(
        string serverFile,
        string clientFile,
        string[] serverTakes,
        Authority? serverAuthority = null
    )
    {
        var (serverEnd, clientEnd) = Pair();
        string? atServer = null;
        string? atClient = null;
        var serving = Middleware(serverFile, serverAuthority ?? _ours, isServer: true, serverTakes)
            .OnConnectionAsync(
                serverEnd,
                async context =>
                {
                    atServer = await ReadAsync(context.Transport.Input);
                    await context.Transport.Output.WriteAsync("pong"u8.ToArray(), Token);
                }
            );
        var calling = Middleware(clientFile, _ours, isServer: false, [CertificateRoles.Silo])
            .OnConnectionAsync(
                clientEnd,
                async context =>
                {
                    await context.Transport.Output.WriteAsync("ping"u8.ToArray(), Token);
                    atClient = await ReadAsync(context.Transport.Input);
                }
            );
        try
        {
            await calling;
        }
        // In TLS 1.3 the opener hears of its refusal only when it reads.
        catch (Exception error) when (error is IOException or ConnectionAbortedException) { }
        await clientEnd.Transport.Output.CompleteAsync();
        await clientEnd.Transport.Input.CompleteAsync();
        await serving;
        return (atServer, atClient);
    }

    private static async Task<string?> ReadAsync(PipeReader reader)
    {
        var read = await reader.ReadAtLeastAsync(4, Token);
        return read.Buffer.Length < 4 ? null : Encoding.ASCII.GetString(read.Buffer);
    }

    private TlsConnectionMiddleware Middleware(
        string file,
        Authority authority,
        bool isServer,
        string[] roles
    ) =>
        new(
            new CertificateSource(file, null, null, TimeProvider.System, _log.Add),
            new PeerCertificateCheck(authority.CertificateFile, TimeProvider.System),
            isServer,
            roles,
            new ListLogger<TlsConnectionMiddleware>(_log)
        );

    private static (DefaultConnectionContext, DefaultConnectionContext) Pair()
    {
        var (there, back) = (new Pipe(), new Pipe());
        return (
            new DefaultConnectionContext("a", new Duplex(there.Reader, back.Writer), Nothing()),
            new DefaultConnectionContext("b", new Duplex(back.Reader, there.Writer), Nothing())
        );
    }

    private static Duplex Nothing() => new(new Pipe().Reader, new Pipe().Writer);

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class ListLogger<T>(List<string> lines) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            lock (lines)
                lines.Add(formatter(state, exception));
        }
    }
}
