using System.Net.Sockets;
using OrleansMl.Core.Training.Workers;

namespace OrleansMl.Silo.Training;

/// <summary>The silo's end of one worker's socket: listens on a path that only this user can reach, and takes one connection.</summary>
internal sealed class WorkerLink : IDisposable
{
    private readonly Socket _listener = new(
        AddressFamily.Unix,
        SocketType.Stream,
        ProtocolType.Unspecified
    );
    private WorkerChannel? _channel;

    /// <summary>Listens on the path.</summary>
    public WorkerLink(string path)
    {
        Path = path;
        try
        {
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            _listener.Listen(1);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }
    }

    /// <summary>Where it listens.</summary>
    public string Path { get; }

    /// <summary>The connection.</summary>
    public WorkerChannel Channel =>
        _channel ?? throw new InvalidOperationException("No worker has connected yet.");

    /// <summary>Waits for the worker and exchanges hellos.</summary>
    /// <exception cref="WorkerProtocolException">What connected is no worker of this version.</exception>
    public async Task ConnectAsync(SiloHello hello, CancellationToken cancellationToken)
    {
        var socket = await _listener.AcceptAsync(cancellationToken);
        _channel = new WorkerChannel(new NetworkStream(socket, ownsSocket: true));
        await _channel.SendAsync(hello, cancellationToken);
        if (await _channel.ReceiveAsync(cancellationToken) is not WorkerHello answer)
            throw new WorkerProtocolException(
                "Expected the worker's hello as its first message, got something else."
            );
        if (answer.Version != WorkerProtocol.Version)
            throw new WorkerProtocolException(
                $"The worker speaks protocol version {answer.Version}, this silo {WorkerProtocol.Version}: install both from the same release."
            );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel?.Dispose();
        _listener.Dispose();
        File.Delete(Path);
    }
}
