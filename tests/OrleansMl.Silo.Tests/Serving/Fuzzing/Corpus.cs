namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>Requests that are kept: right ones to begin from, and those that once were answered wrongly.</summary>
internal static class Corpus
{
    private const string Pattern = "*.http";

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Serving", "Corpus");

    /// <summary>Those of a surface.</summary>
    public static IReadOnlyList<FuzzCase> Read(string target) =>
        [.. Files(target).Select(file => FuzzCase.Parse(File.ReadAllBytes(file)))];

    /// <summary>Their files.</summary>
    public static IEnumerable<string> Files(string target) =>
        Directory
            .EnumerateFiles(Path.Combine(Folder, target), Pattern, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal);
}
