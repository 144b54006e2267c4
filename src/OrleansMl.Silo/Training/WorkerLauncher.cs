using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Silo.Training;

/// <summary>Starts the installed worker program with the environment that training needs.</summary>
internal sealed partial class WorkerLauncher(
    IOptions<WorkerOptions> options,
    ILogger<WorkerLauncher> logger
) : IWorkerLauncher
{
    /// <inheritdoc/>
    public WorkerProcess Start(string socketPath, int threads)
    {
        var program = WorkerLocation.Find(options.Value.Path, AppContext.BaseDirectory);
        var start = new ProcessStartInfo();
        if (program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        {
            start.FileName = WorkerLocation.FindDotnet();
            start.ArgumentList.Add(program);
        }
        else
        {
            start.FileName = program;
        }
        start.ArgumentList.Add("--socket");
        start.ArgumentList.Add(socketPath);
        SetEnvironment(start.Environment, threads);
        return WorkerProcess.Start(start, options.Value.LogTailLines, line => LogLine(line));
    }

    /// <summary>Sets what must stand in the environment before native libraries load, and takes the silo's secrets out.</summary>
    internal static void SetEnvironment(IDictionary<string, string?> environment, int threads)
    {
        foreach (var name in environment.Keys.ToArray())
        {
            if (
                name.StartsWith("OML_", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("AWS_", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase)
            )
                environment.Remove(name);
        }
        var count = threads.ToString(CultureInfo.InvariantCulture);
        environment["OMP_NUM_THREADS"] = count;
        environment["MKL_NUM_THREADS"] = count;
        // Barriers that spin took 39 s in place of 0.5 s on a crowded machine.
        environment["OMP_WAIT_POLICY"] = "passive";
        // Activations are large and short-lived: returning them to the kernel after each step costs a third of the speed.
        environment["MALLOC_MMAP_THRESHOLD_"] = "1000000000";
        environment["MALLOC_TRIM_THRESHOLD_"] = "1000000000";
        environment["ORT_DISABLE_TELEMETRY"] = "1";
        environment["DOTNET_NOLOGO"] = "1";
    }

    [LoggerMessage(LogLevel.Debug, "Worker: {Line}")]
    private partial void LogLine(string line);
}
