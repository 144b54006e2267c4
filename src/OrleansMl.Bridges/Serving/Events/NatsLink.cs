using NATS.Client.Core;
using NATS.Client.JetStream;

namespace OrleansMl.Bridges.Serving.Events;

/// <summary>The connection to NATS, one for all bridges; it comes back by itself.</summary>
internal sealed class NatsLink : IAsyncDisposable
{
    private readonly NatsConnection _connection;

    public NatsLink(NatsOptions options)
    {
        _connection = new NatsConnection(
            NatsOpts.Default with
            {
                Url = options.Url,
                Name = "orleansml",
                AuthOpts = NatsAuthOpts.Default with
                {
                    CredsFile = Given(options.CredentialsFile),
                    Username = Given(options.Username),
                    Password = Given(options.Password),
                },
                MaxReconnectRetry = -1,
            }
        );
        JetStream = new NatsJSContext(_connection);
    }

    public NatsJSContext JetStream { get; }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static string? Given(string text) => text.Length == 0 ? null : text;
}
