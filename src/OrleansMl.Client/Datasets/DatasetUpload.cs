using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Operations;

namespace OrleansMl.Client.Datasets;

/// <summary>One import: the upload, then the gateway's events. A broken connection begins it anew with the same command id, so it is one import.</summary>
internal sealed class DatasetUpload
{
    private readonly GatewayTransport _transport;
    private readonly GatewayCall _call;
    private readonly (string Path, long Length)[] _files;
    private readonly byte[] _options;
    private readonly IProgress<DatasetImportProgress>? _progress;
    private readonly long _total;

    public DatasetUpload(
        GatewayTransport transport,
        GatewayCall call,
        IReadOnlyList<string> paths,
        DatasetImportOptions options,
        IProgress<DatasetImportProgress>? progress
    )
    {
        if (paths.Count == 0)
            throw new ArgumentException("an import needs at least one file.", nameof(paths));
        _transport = transport;
        _files = [.. paths.Select(p => (p, Length(p)))];
        _total = _files.Sum(f => f.Length);
        _options = JsonSerializer.SerializeToUtf8Bytes(options, ContractsJson.Options);
        _progress = progress;
        _call = call with { Content = Body, Transfer = true };
    }

    public async Task<DatasetManifest> RunAsync(CancellationToken cancellationToken)
    {
        var retry = new StreamRetry(_transport, _call.ToString());
        while (true)
        {
            string? failure = null;
            await using (
                var stream = await EventStream.OpenAsync(_transport, _call, cancellationToken)
            )
            {
                while (failure is null && await stream.ReadAsync() is { } item)
                {
                    switch (item.EventType)
                    {
                        case "progress":
                            var read = stream.Parse<Progress>(item);
                            _progress?.Report(
                                new(
                                    DatasetImportStage.Importing,
                                    read.BytesRead,
                                    read.BytesTotal,
                                    read.Rows
                                )
                            );
                            break;
                        case "done":
                            return stream.Parse<Done>(item).Manifest;
                        case "error":
                            var error = GatewayFailure.Of(null, stream.Parse<ApiError>(item));
                            if (
                                error.Code
                                is not (
                                    OrleansMlErrorCodes.Unavailable
                                    or OrleansMlErrorCodes.Timeout
                                )
                            )
                                throw error;
                            failure = error.Message;
                            break;
                    }
                }
                failure ??= stream.Failure;
            }
            await retry.WaitAsync(failure, cancellationToken);
        }
    }

    private MultipartFormDataContent Body()
    {
        // Counted anew for every try.
        var sent = 0L;
        var body = new MultipartFormDataContent
        {
            {
                new ByteArrayContent(_options)
                {
                    Headers = { ContentType = new("application/json") },
                },
                "options"
            },
        };
        foreach (var (path, length) in _files)
        {
            var file = new FileContent(
                path,
                length,
                count =>
                {
                    sent += count;
                    _progress?.Report(new(DatasetImportStage.Uploading, sent, _total, 0));
                }
            )
            {
                Headers = { ContentType = new("application/octet-stream") },
            };
            body.Add(file, "file", Path.GetFileName(path));
        }
        return body;
    }

    private static long Length(string path)
    {
        var file = new FileInfo(path);
        return file.Exists
            ? file.Length
            : throw new FileNotFoundException($"'{path}' is not a file.", path);
    }

    private sealed record Progress(long Rows, long BytesRead, long BytesTotal);

    private sealed record Done(DatasetManifest Manifest);
}
