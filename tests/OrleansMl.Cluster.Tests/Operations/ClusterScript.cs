using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace OrleansMl.Cluster.Tests.Operations;

/// <summary><c>scripts/cluster</c> on a folder of its own: what operators use is what the tests use.</summary>
internal sealed class ClusterScript(string folder, string siloArguments)
{
    /// <summary>The source tree.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>What these tests, and with them the silo and its worker, were built as.</summary>
    public static string Configuration { get; } =
        typeof(ClusterScript)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "Configuration")
            .Value!;

    /// <summary>Where the cluster keeps its state.</summary>
    public string Folder => folder;

    /// <summary>Runs a command of the script to its end; what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it printed.</exception>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Root, "scripts", "cluster"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["OML_CLUSTER_DIR"] = folder;
        start.Environment["OML_CLUSTER_ARGS"] = siloArguments;
        start.Environment["OML_CONFIGURATION"] = Configuration;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException(
                $"scripts/cluster {string.Join(' ', arguments)} ended with {process.ExitCode}: {await output}{await errors}"
            );
    }

    /// <summary>The silo's process.</summary>
    public int ProcessId(string silo) =>
        int.Parse(File.ReadAllText(Path.Combine(folder, silo, "pid")).Trim());

    /// <summary>The silo's base address, the same from start to start.</summary>
    public Uri Url(string silo) =>
        new($"http://127.0.0.1:{File.ReadAllText(Path.Combine(folder, silo, "port")).Trim()}");

    /// <summary>The database's connection string.</summary>
    public string ConnectionString() => File.ReadAllText(Path.Combine(folder, "connection")).Trim();

    /// <summary>All that the silo has logged.</summary>
    public string Log(string silo)
    {
        using var reader = new StreamReader(
            new FileStream(
                Path.Combine(folder, silo, "log"),
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite
            )
        );
        return reader.ReadToEnd();
    }

    private static string FindRoot([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
