using System.Buffers;

namespace OrleansMl.Gateway.Datasets;

/// <summary>Copies a stream to a file in pieces, counting bytes and watching the disk.</summary>
internal static class SpooledCopy
{
    private const int BufferBytes = 128 * 1024;
    private const long CheckSpaceEvery = 64L << 20;

    /// <summary>Copies; returns the bytes.</summary>
    /// <param name="source">What to copy.</param>
    /// <param name="path">The new file.</param>
    /// <param name="spool">Watched for room.</param>
    /// <param name="limit">The most bytes.</param>
    /// <param name="tooLarge">Makes the error for more.</param>
    /// <param name="cancellationToken">The caller went away.</param>
    public static async Task<long> ToFileAsync(
        Stream source,
        string path,
        Spool spool,
        long limit,
        Func<Exception> tooLarge,
        CancellationToken cancellationToken
    )
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using var file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    Options = FileOptions.Asynchronous,
                    BufferSize = 0,
                }
            );
            long total = 0;
            var nextCheck = CheckSpaceEvery;
            while (true)
            {
                var filled = await source.ReadAtLeastAsync(
                    buffer,
                    buffer.Length,
                    throwOnEndOfStream: false,
                    cancellationToken
                );
                if (filled == 0)
                    return total;
                total += filled;
                if (total > limit)
                    throw tooLarge();
                if (total >= nextCheck)
                {
                    spool.RequireSpace(CheckSpaceEvery);
                    nextCheck += CheckSpaceEvery;
                }
                await file.WriteAsync(buffer.AsMemory(0, filled), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
