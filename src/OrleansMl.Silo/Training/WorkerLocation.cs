using System.Runtime.InteropServices;

namespace OrleansMl.Silo.Training;

/// <summary>Where the worker program is: beside an installed silo, or in its own build output in a source tree, so that a build never copies LibTorch twice.</summary>
internal static class WorkerLocation
{
    private const string Program = "OrleansMl.Worker";

    /// <summary>The program to start.</summary>
    /// <exception cref="InvalidOperationException">There is none; the message names the places looked at.</exception>
    public static string Find(string? configured, string baseDirectory)
    {
        if (configured is not null)
        {
            var path = Path.GetFullPath(configured);
            return File.Exists(path)
                ? path
                : throw new InvalidOperationException(
                    $"Workers:Path: expected the worker program, found no file '{path}'."
                );
        }
        string[] candidates = [.. Candidates(baseDirectory)];
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                $"The worker program is missing: looked for {string.Join(", ", candidates.Select(c => $"'{c}'"))}. Publish the silo, build OrleansMl.Worker, or set Workers:Path."
            );
    }

    /// <summary>The <c>dotnet</c> that runs this process.</summary>
    public static string FindDotnet()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        // <root>/shared/Microsoft.NETCore.App/<version>/ holds the runtime, <root>/dotnet starts it.
        var beside = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name)
        );
        return File.Exists(beside) ? beside : name;
    }

    private static IEnumerable<string> Candidates(string baseDirectory)
    {
        var executable = OperatingSystem.IsWindows() ? Program + ".exe" : Program;
        yield return Path.Combine(baseDirectory, "worker", Program + ".dll");
        yield return Path.Combine(baseDirectory, "worker", executable);
        // <tree>/src/OrleansMl.Silo/bin/<configuration>/<framework>/ has its sibling in <tree>/src/OrleansMl.Worker/bin/….
        var framework = new DirectoryInfo(
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(baseDirectory))
        );
        if (
            framework.Parent
            is not { Parent: { Name: "bin", Parent.Parent.Parent: { } tree } } configuration
        )
            yield break;
        yield return Path.Combine(
            tree.FullName,
            "src",
            Program,
            "bin",
            configuration.Name,
            framework.Name,
            Program + ".dll"
        );
    }
}
