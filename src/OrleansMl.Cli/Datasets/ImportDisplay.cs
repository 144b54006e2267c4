using OrleansMl.Client.Datasets;
using Spectre.Console;

namespace OrleansMl.Cli.Datasets;

/// <summary>Shows how far an import is, on a terminal; silent elsewhere.</summary>
internal static class ImportDisplay
{
    public static Task<T> RunAsync<T>(
        CliSession session,
        Func<IProgress<DatasetImportProgress>?, Task<T>> import
    )
    {
        if (!session.Live)
            return import(null);
        return session
            .Console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new DownloadedColumn()
            )
            .StartAsync(context =>
            {
                var upload = context.AddTask("upload");
                var read = context.AddTask("read", autoStart: false);
                return import(new Display(upload, read));
            });
    }

    // Reports come from the sending thread, one after the other; Spectre's tasks are safe for threads.
    private sealed class Display(ProgressTask upload, ProgressTask read)
        : IProgress<DatasetImportProgress>
    {
        public void Report(DatasetImportProgress value)
        {
            var task = value.Stage == DatasetImportStage.Uploading ? upload : read;
            if (!task.IsStarted)
                task.StartTask();
            task.MaxValue = Math.Max(1, value.TotalBytes);
            task.Value = value.Bytes;
            if (value.Stage == DatasetImportStage.Importing)
            {
                upload.Value = upload.MaxValue;
                task.Description = $"read {TextFormat.Count(value.Rows)} rows";
            }
        }
    }
}
