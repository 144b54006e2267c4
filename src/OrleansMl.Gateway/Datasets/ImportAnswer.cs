using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansMl.Core.Datasets;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Datasets;

/// <summary>Answers an import: with its manifest, or, where the caller takes an event stream, with its progress and then the manifest.</summary>
internal sealed partial class ImportAnswer(
    DatasetImports imports,
    EventStreams streams,
    ILogger<ImportAnswer> logger
)
{
    public async Task WriteAsync(HttpContext context, string name, DatasetUpload upload)
    {
        if (!WantsEvents(context.Request))
        {
            var manifest = await imports.ImportAsync(
                name,
                upload,
                progress: null,
                context.RequestAborted
            );
            context.Response.Headers.Location =
                $"/api/v1/datasets/{name}/versions/{manifest.Id.Version}";
            await JsonAnswer.Of(manifest, StatusCodes.Status201Created).ExecuteAsync(context);
            return;
        }
        using var stream = streams.Open(context);
        // Only the newest progress matters to a slow reader.
        var progress = Channel.CreateBounded<DatasetImportProgress>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }
        );
        await stream.StartAsync(context.RequestAborted);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var import = RunAsync(name, upload, progress.Writer, stop.Token);
        try
        {
            await stream.PumpAsync(
                progress.Reader,
                item => stream.WriteEventAsync("progress", item, stop.Token),
                stop.Token
            );
        }
        finally
        {
            // Whatever ended the pump, nothing may read the files after this returns: they are deleted next.
            if (!import.IsCompleted)
                await stop.CancelAsync();
            await ((Task)import).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        try
        {
            var manifest = await import;
            await stream.WriteEventAsync("done", new { manifest }, context.RequestAborted);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            var answer = ErrorAnswer.Of(exception);
            if (answer.IsInternal)
                LogFailed(exception, name);
            await stream.WriteEventAsync(
                "error",
                answer.IsInternal
                    ? answer.Body with
                    {
                        TraceId = ErrorMiddleware.TraceId(context),
                    }
                    : answer.Body,
                context.RequestAborted
            );
        }
    }

    private async Task<Contracts.Datasets.DatasetManifest> RunAsync(
        string name,
        DatasetUpload upload,
        ChannelWriter<DatasetImportProgress> progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await imports.ImportAsync(
                name,
                upload,
                new ChannelProgress(progress),
                cancellationToken
            );
        }
        finally
        {
            progress.Complete();
        }
    }

    private static bool WantsEvents(HttpRequest request) =>
        request
            .GetTypedHeaders()
            .Accept.Any(type =>
                type.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase)
            );

    [LoggerMessage(Level = LogLevel.Error, Message = "The import of dataset {Name} failed.")]
    private partial void LogFailed(Exception exception, string name);

    private sealed class ChannelProgress(ChannelWriter<DatasetImportProgress> writer)
        : IProgress<DatasetImportProgress>
    {
        public void Report(DatasetImportProgress value) => writer.TryWrite(value);
    }
}
