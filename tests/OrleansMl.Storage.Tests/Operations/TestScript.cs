using System.Diagnostics;

namespace OrleansMl.Storage.Tests.Operations;

/// <summary>Runs a script of the repository.</summary>
internal static class TestScript
{
    /// <summary>The last line that it prints.</summary>
    /// <exception cref="InvalidOperationException">It ended with an error.</exception>
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Path.Combine(RepositoryRoot(), "scripts", name), arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        // To the end even when the test was cancelled: half a start would leave a server behind.
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode == 0
            ? (await output).Trim().Split('\n')[^1]
            : throw new InvalidOperationException(
                $"scripts/{name} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}"
            );
    }

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OrleansMl.sln")))
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!;
        return folder;
    }
}
