using System.Net;

namespace OrleansMl.Client;

/// <summary>A file as a body, streamed, with a report of the bytes sent.</summary>
internal sealed class FileContent(string path, long length, Action<long>? sent) : HttpContent
{
    private const int BufferBytes = 1 << 20;

    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        await using var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.Read,
                // Larger reads than the default, and no buffer of its own: this copy has one.
                BufferSize = 0,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            }
        );
        var buffer = new byte[(int)Math.Clamp(length, 1, BufferBytes)];
        int read;
        while ((read = await file.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            sent?.Invoke(read);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
