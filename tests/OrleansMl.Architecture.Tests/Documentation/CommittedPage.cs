namespace OrleansMl.Architecture.Tests.Documentation;

/// <summary>A generated file of the repository, held against what the code gives now.</summary>
internal static class CommittedPage
{
    /// <summary>Set to 1, the tests of generated files write them anew in place of failing: what scripts/docs does.</summary>
    private const string RegenerateVariable = "OML_REGENERATE";

    /// <summary>Whether this run writes the files.</summary>
    public static bool Regenerates => Environment.GetEnvironmentVariable(RegenerateVariable) == "1";

    /// <summary>Fails when the file is not the expected text.</summary>
    public static void AssertIs(string expected, params string[] path)
    {
        var file = Path.Combine([SourceTree.Root, .. path]);
        if (Regenerates)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, expected);
        }
        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == expected,
            $"{string.Join('/', path)} is out of date: run scripts/docs and commit it."
        );
    }
}
