using System.Buffers.Binary;
using System.Text.Json;

namespace OrleansMl.Core.Training.Workers;

/// <summary>
/// Frames of the worker protocol on a stream. Many may send at once, one may receive. The silo uses the asynchronous
/// methods; the worker the blocking ones, on threads of its own, so that it hears of its silo's end whatever its thread
/// pool does.
/// </summary>
public sealed class WorkerChannel(Stream stream) : IDisposable
{
    private const int HeaderBytes = sizeof(int);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly byte[] _header = new byte[HeaderBytes];

    /// <summary>Sends a message; blocks until the stream took it.</summary>
    /// <exception cref="WorkerProtocolException">The message is longer than a frame may be; nothing was sent.</exception>
    public void Send(WorkerMessage message)
    {
        var frame = Encode(message);
        _sending.Wait();
        try
        {
            stream.Write(frame);
            stream.Flush();
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends a message.</summary>
    /// <exception cref="WorkerProtocolException">The message is longer than a frame may be; nothing was sent.</exception>
    public async ValueTask SendAsync(WorkerMessage message, CancellationToken cancellationToken)
    {
        var frame = Encode(message);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(frame, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Blocks for the next message; null when the other side closed between frames.</summary>
    /// <exception cref="WorkerProtocolException">The frame is too long, cut short or no known message.</exception>
    public WorkerMessage? Receive()
    {
        var read = stream.ReadAtLeast(_header, HeaderBytes, throwOnEndOfStream: false);
        if (read == 0)
            return null;
        var body = new byte[BodyLength(read)];
        read = stream.ReadAtLeast(body, body.Length, throwOnEndOfStream: false);
        return Decode(body, read);
    }

    /// <summary>Waits for the next message; null when the other side closed between frames.</summary>
    /// <exception cref="WorkerProtocolException">The frame is too long, cut short or no known message.</exception>
    public async ValueTask<WorkerMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var read = await stream.ReadAtLeastAsync(
            _header,
            HeaderBytes,
            throwOnEndOfStream: false,
            cancellationToken
        );
        if (read == 0)
            return null;
        var body = new byte[BodyLength(read)];
        read = await stream.ReadAtLeastAsync(
            body,
            body.Length,
            throwOnEndOfStream: false,
            cancellationToken
        );
        return Decode(body, read);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        _sending.Dispose();
    }

    private int BodyLength(int read)
    {
        if (read < HeaderBytes)
            throw new WorkerProtocolException(
                $"The frame's header was cut short: expected {HeaderBytes} bytes, got {read}."
            );
        var length = BinaryPrimitives.ReadInt32LittleEndian(_header);
        return length is > 0 and <= WorkerProtocol.MaxFrameBytes
            ? length
            : throw new WorkerProtocolException(
                $"A frame has 1 to {WorkerProtocol.MaxFrameBytes} bytes, its header says {length}."
            );
    }

    private static byte[] Encode(WorkerMessage message)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            message,
            WorkerJsonContext.Default.WorkerMessage
        );
        if (body.Length > WorkerProtocol.MaxFrameBytes)
            throw new WorkerProtocolException(
                $"A frame has at most {WorkerProtocol.MaxFrameBytes} bytes, {message.GetType().Name} needs {body.Length}."
            );
        var frame = new byte[HeaderBytes + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, body.Length);
        body.CopyTo(frame, HeaderBytes);
        return frame;
    }

    private static WorkerMessage Decode(byte[] body, int read)
    {
        if (read < body.Length)
            throw new WorkerProtocolException(
                $"The frame was cut short: expected {body.Length} bytes, got {read}."
            );
        try
        {
            return JsonSerializer.Deserialize(body, WorkerJsonContext.Default.WorkerMessage)
                ?? throw new WorkerProtocolException(
                    "The frame holds null: expected a JSON object with a type."
                );
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new WorkerProtocolException(
                $"The frame is no message of protocol version {WorkerProtocol.Version}: {e.Message}",
                e
            );
        }
    }
}
