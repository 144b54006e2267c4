using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>One caller's connection: sends the request and reads the answer whole, again and again.</summary>
internal sealed class LoadConnection : IDisposable
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] ChunksEnd = "0\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _buffer = new byte[1 << 20];

    private LoadConnection(byte[] request) => _request = request;

    /// <summary>How long each request took.</summary>
    public List<float> Microseconds { get; } = new(1 << 16);

    /// <summary>Connects.</summary>
    public static async Task<LoadConnection> OpenAsync(IPEndPoint server, byte[] request)
    {
        var connection = new LoadConnection(request);
        await connection._socket.ConnectAsync(server);
        return connection;
    }

    /// <summary>Sends requests until the clock's timestamp.</summary>
    /// <exception cref="InvalidOperationException">An answer was not 200.</exception>
    public async Task SendUntilAsync(long end)
    {
        while (true)
        {
            var began = Stopwatch.GetTimestamp();
            if (began >= end)
                return;
            for (var sent = 0; sent < _request.Length; )
                sent += await _socket.SendAsync(_request.AsMemory(sent));
            await ReadAsync();
            Microseconds.Add((float)Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask ReadAsync()
    {
        var read = 0;
        while (true)
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(read));
            if (count == 0)
                throw new InvalidOperationException("The server closed the connection.");
            read += count;
            if (IsWhole(_buffer.AsSpan(0, read)))
                return;
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf(HeadEnd);
        if (head < 0)
            return false;
        if (!answer.StartsWith("HTTP/1.1 200"u8))
            throw new InvalidOperationException(Encoding.UTF8.GetString(answer));
        var length = answer[..head].IndexOf("Content-Length: "u8);
        if (length < 0)
            return answer.EndsWith(ChunksEnd);
        var digits = answer[(length + 16)..];
        return answer.Length - head - HeadEnd.Length
            >= int.Parse(digits[..digits.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }
}
