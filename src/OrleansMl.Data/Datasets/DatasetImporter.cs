using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Datasets;

namespace OrleansMl.Data.Datasets;

/// <summary>
/// Imports on a thread of its own and stores shards as they are closed. A failed import leaves no dataset: shards stored
/// before it failed are referred to by nobody and fall to garbage collection. They are not deleted here, since another
/// dataset may share their bytes.
/// </summary>
internal sealed class DatasetImporter(IArtifactStore store, IOptions<DataOptions> options)
    : IDatasetImporter
{
    public async Task<DatasetImportResult> ImportAsync(
        DatasetImportRequest request,
        IProgress<DatasetImportProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var limits = options.Value;
        Check(request, limits);
        using var directory = new ImportDirectory(limits.TemporaryDirectory ?? Path.GetTempPath());
        using var run = new ImportRun(request, limits, directory.Path, progress);
        return await ImportAsync(run, request, cancellationToken);
    }

    private async Task<DatasetImportResult> ImportAsync(
        ImportRun run,
        DatasetImportRequest request,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Factory.StartNew(
            () => run.Execute(stop.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        try
        {
            var shards = new List<DatasetShard>();
            await foreach (var (path, rows) in run.Shards.ReadAllAsync(cancellationToken))
            {
                shards.Add(await StoreAsync(path, rows, request, cancellationToken));
                run.Taken();
            }
            var (schema, statistics) = await reading;
            return new DatasetImportResult(
                schema,
                shards,
                request.Splits,
                statistics,
                string.Join(", ", request.Files.Select(f => f.Name))
            );
        }
        finally
        {
            // The thread owns files in the folder that goes next: it must have ended, however it did.
            await stop.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<DatasetShard> StoreAsync(
        string path,
        long rows,
        DatasetImportRequest request,
        CancellationToken cancellationToken
    )
    {
        await using var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.None,
            1,
            FileOptions.Asynchronous | FileOptions.SequentialScan | FileOptions.DeleteOnClose
        );
        var stored = await store.PutAsync(file, cancellationToken);
        return new DatasetShard
        {
            Artifact = stored.Id,
            Rows = rows,
            Bytes = stored.Bytes,
            SinceVersion = (request.AppendTo?.Id.Version ?? 0) + 1,
        };
    }

    private static void Check(DatasetImportRequest request, DataOptions limits)
    {
        SplitAssigner.Check(request.Splits);
        if (request.Files.Count == 0)
            throw new InvalidInputException(
                $"Dataset '{request.Name}': expected at least one file to import, got none."
            );
        if (request.Files.FirstOrDefault(f => !File.Exists(f.Path)) is { } gone)
            throw new InvalidInputException($"{gone.Name}: expected a readable file, got none.");
        if (request.Files.Count > limits.MaxFiles)
            throw new InvalidInputException(
                $"Dataset '{request.Name}': expected at most {limits.MaxFiles} files (Data:{nameof(DataOptions.MaxFiles)}), got {request.Files.Count}."
            );
    }
}
