using OrleansMl.Contracts;

namespace OrleansMl.Cli.Operations;

/// <summary>Finds the silo's program: where OML_SILO says, beside this one, or in the source tree that this one was built in.</summary>
internal static class SiloLocator
{
    private const string Name = "OrleansMl.Silo";

    /// <summary>The command that starts a silo, program first.</summary>
    /// <exception cref="InvalidInputException">There is none; the message says where it was sought.</exception>
    public static IReadOnlyList<string> Find(string baseDirectory, Func<string, string?> variable)
    {
        var candidates = Candidates(baseDirectory, variable).ToList();
        foreach (var candidate in candidates)
        {
            if (!File.Exists(candidate))
                continue;
            return candidate.EndsWith(".dll", StringComparison.Ordinal)
                ? [Host(variable), candidate]
                : [candidate];
        }
        throw new InvalidInputException(
            $"no silo program found; build it (dotnet build -c Release src/{Name}) or name it in OML_SILO. Sought: {string.Join(", ", candidates)}"
        );
    }

    private static IEnumerable<string> Candidates(
        string baseDirectory,
        Func<string, string?> variable
    )
    {
        if (variable("OML_SILO") is { Length: > 0 } named)
        {
            yield return Path.GetFullPath(named);
            yield break;
        }
        foreach (var folder in new[] { "silo", "." })
        {
            yield return Path.GetFullPath(Path.Combine(baseDirectory, folder, Name));
            yield return Path.GetFullPath(Path.Combine(baseDirectory, folder, $"{Name}.dll"));
        }
        // …/src/OrleansMl.Cli/bin/Release/net10.0: the silo of the same configuration first.
        var framework = new DirectoryInfo(baseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = framework.Parent?.Parent?.Parent?.Parent?.Parent;
        if (root is null || !File.Exists(Path.Combine(root.FullName, "OrleansMl.sln")))
            yield break;
        foreach (
            var configuration in new[] { framework.Parent!.Name, "Release", "Debug" }.Distinct()
        )
            yield return Path.Combine(
                root.FullName,
                "src",
                Name,
                "bin",
                configuration,
                framework.Name,
                $"{Name}.dll"
            );
    }

    private static string Host(Func<string, string?> variable) =>
        variable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
}
