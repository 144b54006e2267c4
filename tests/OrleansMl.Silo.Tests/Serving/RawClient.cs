using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrleansMl.Silo.Tests.Serving;

/// <summary>A client of HTTP/1.1 that writes what it likes.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;

    private RawClient(Socket socket) => _socket = socket;

    public static async Task<RawClient> ConnectAsync(
        Uri address,
        CancellationToken cancellationToken
    )
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveBufferSize = 4096,
        };
        await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        return new RawClient(socket);
    }

    /// <summary>The beginning of a request of inference.</summary>
    public static string Head(string model, string headers) =>
        $"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n";

    public async Task SendAsync(string text, CancellationToken cancellationToken) =>
        await SendAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
            bytes = bytes[await _socket.SendAsync(bytes, cancellationToken)..];
    }

    /// <summary>Sends a byte ten times a second until the server answers or ends the connection; all that it answers.</summary>
    public async Task<string> DripAsync(byte drop, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var answer = ReadAsync(cancellationToken);
        while (!answer.IsCompleted)
        {
            try
            {
                await _socket.SendAsync(new[] { drop }, cancellationToken);
            }
            catch (SocketException)
            {
                // The server has ended the connection: what it said before is still to be read.
                break;
            }
            await Task.WhenAny(answer, timer.WaitForNextTickAsync(cancellationToken).AsTask());
        }
        return await answer;
    }

    /// <summary>All that the server sends until it ends the connection.</summary>
    public async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(buffer, cancellationToken) is > 0 and var read)
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // Reset, perhaps behind an answer.
        }
        return text.ToString();
    }

    /// <summary>Reads so many bytes at least.</summary>
    public async Task ReadSomeAsync(int bytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (bytes > 0)
        {
            var read = await _socket.ReceiveAsync(buffer, cancellationToken);
            if (read == 0)
                throw new InvalidOperationException("The server ended the connection.");
            bytes -= read;
        }
    }

    /// <summary>Says that no more comes; answers are still read.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Cuts the connection, so that the other side is told of a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The status of an answer; 0: none came.</summary>
    public static int Status(string answer) =>
        answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)
            ? int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture)
            : 0;
}
