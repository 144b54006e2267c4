using System.Security.Cryptography;

namespace OrleansMl.Client;

/// <summary>One download into a file beside the target, checked and then moved there. A broken connection begins it anew.</summary>
internal sealed class FileDownload(GatewayTransport transport, GatewayCall call, string path)
{
    private const int BufferBytes = 1 << 20;
    private readonly GatewayCall _call = call with { Streamed = true };

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        var partial = $"{path}.{CommandId.New(transport.Options.TimeProvider)}.partial";
        var retry = new StreamRetry(transport, _call.ToString());
        try
        {
            while (true)
            {
                using var response = await transport.SendAsync(_call, cancellationToken);
                var (bytes, hash, failure) = await CopyAsync(response, partial, cancellationToken);
                if (failure is null)
                {
                    Check(response, hash);
                    File.Move(partial, path, overwrite: true);
                    return bytes;
                }
                await retry.WaitAsync(failure, cancellationToken);
            }
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private async Task<(long Bytes, string Hash, string? Failure)> CopyAsync(
        HttpResponseMessage response,
        string partial,
        CancellationToken cancellationToken
    )
    {
        await using var source = new IdleTimeoutStream(
            await response.Content.ReadAsStreamAsync(cancellationToken),
            transport.Options.StreamIdleTimeout,
            transport.Options.TimeProvider
        );
        await using var target = File.Create(partial, BufferBytes, FileOptions.Asynchronous);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var total = 0L;
        while (true)
        {
            int read;
            try
            {
                read = await source.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                // Reported by the caller when it gives up; an error of the target is not caught here.
                return (total, "", e.Message);
            }
            if (read == 0)
                break;
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            total += read;
        }
        await target.FlushAsync(cancellationToken);
        return (total, Convert.ToHexStringLower(hash.GetHashAndReset()), null);
    }

    private void Check(HttpResponseMessage response, string hash)
    {
        var expected = response.Headers.ETag?.Tag.Trim('"');
        if (expected != hash)
            throw new OrleansMlException(
                response.StatusCode,
                OrleansMlErrorCodes.UnexpectedAnswer,
                $"{_call} gave bytes of SHA-256 {hash}, expected {expected ?? "an ETag with it"}."
            );
    }
}
