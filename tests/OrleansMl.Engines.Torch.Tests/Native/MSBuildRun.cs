using System.Diagnostics;

namespace OrleansMl.Engines.Torch.Tests.Native;

/// <summary>One run of <c>dotnet msbuild</c>.</summary>
/// <param name="ExitCode">0 when it succeeded.</param>
/// <param name="Output">Both streams.</param>
internal sealed record MSBuildRun(int ExitCode, string Output)
{
    public static async Task<MSBuildRun> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = RepositoryRoot.Path,
        };
        foreach (var argument in (string[])["msbuild", "-nologo", "-nodeReuse:false", .. arguments])
            start.ArgumentList.Add(argument);
        // The test host sets these for itself; the child finds its own.
        foreach (
            var name in start
                .Environment.Keys.Where(name =>
                    name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
                )
                .ToList()
        )
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var cancellation = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new MSBuildRun(process.ExitCode, await output + await error);
    }
}
