namespace OrleansMl.Core.Tests.Training.Configuration;

/// <summary>Files of the repository that tests hold against the code.</summary>
internal static class RepositoryFiles
{
    /// <summary>Set to 1, the tests of generated files write them anew in place of failing.</summary>
    private const string RegenerateVariable = "OML_REGENERATE";

    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static TheoryData<string> Examples() =>
        [
            .. Directory
                .GetFiles(PathOf("examples"), "*.yaml")
                // Those of other things, such as pipelines, are read by the tests of those.
                .Where(p =>
                    File.ReadAllText(p).Contains("input_features:", StringComparison.Ordinal)
                )
                .Select(p => Path.GetFileName(p))
                .Order(StringComparer.Ordinal),
        ];

    public static string Example(string name) => File.ReadAllText(PathOf("examples", name));

    /// <summary>Fails when a generated file is not what the code gives now.</summary>
    public static void AssertGenerated(string path, string expected)
    {
        if (Environment.GetEnvironmentVariable(RegenerateVariable) == "1")
            File.WriteAllText(path, expected);
        var actual = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(
            expected == actual,
            $"{Path.GetRelativePath(Root, path)} is out of date: run the tests once with {RegenerateVariable}=1 and commit it."
        );
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OrleansMl.sln")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new InvalidOperationException("the tests run outside the repository.");
    }
}
