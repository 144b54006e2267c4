using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>One caller's connection: a request, its answer read whole, the next request. Sending blocks; reading takes what is there.</summary>
internal sealed class LoadConnection : IDisposable
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] ChunksEnd = "0\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _buffer = new byte[1 << 20];
    private long _began;
    private int _read;

    /// <summary>Connects.</summary>
    public LoadConnection(IPEndPoint server, byte[] request)
    {
        _request = request;
        _socket.Connect(server);
    }

    /// <summary>How long each request took.</summary>
    public List<float> Microseconds { get; } = new(1 << 16);

    /// <summary>The socket's descriptor.</summary>
    public int Descriptor => (int)_socket.Handle;

    /// <summary>Sends a request.</summary>
    public void Send()
    {
        _began = Stopwatch.GetTimestamp();
        _read = 0;
        for (var sent = 0; sent < _request.Length; )
            sent += _socket.Send(_request.AsSpan(sent));
    }

    /// <summary>Reads what has come; true when the answer is whole.</summary>
    /// <exception cref="InvalidOperationException">The answer is not 200, or the server closed the connection.</exception>
    public bool Receive()
    {
        var count = _socket.Receive(_buffer.AsSpan(_read));
        if (count == 0)
            throw new InvalidOperationException("The server closed the connection.");
        _read += count;
        if (!IsWhole(_buffer.AsSpan(0, _read)))
            return false;
        Microseconds.Add((float)Stopwatch.GetElapsedTime(_began).TotalMicroseconds);
        return true;
    }

    public void Dispose() => _socket.Dispose();

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
