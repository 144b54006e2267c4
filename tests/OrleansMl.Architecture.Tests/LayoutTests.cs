namespace OrleansMl.Architecture.Tests;

/// <summary>The house as it looks from outside: rooms with a subject, files of a length that can be read.</summary>
public sealed class LayoutTests
{
    private const int LongestFile = 500;

    private static readonly string[] RoomsWithoutSubject =
    [
        "helper",
        "helpers",
        "util",
        "utils",
        "utilities",
        "manager",
        "managers",
        "common",
        "misc",
    ];

    [Fact]
    public void No_source_file_is_longer_than_500_lines()
    {
        var tooLong = SourceTree
            .Files("*.cs")
            .Select(path =>
                (path, lines: File.ReadLines(Path.Combine(SourceTree.Root, path)).Count())
            )
            .Where(file => IsTooLong(file.lines))
            .Select(file => $"{file.path}: {file.lines} lines");
        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_room_is_without_a_subject() =>
        Assert.DoesNotContain(SourceTree.Files("*.cs"), HasRoomWithoutSubject);

    [Fact]
    public void Every_test_project_tests_a_project_that_exists_or_is_a_suite_of_its_own()
    {
        string[] suites =
        [
            "OrleansMl.Cluster.Tests",
            "OrleansMl.Architecture.Tests",
            "OrleansMl.Benchmarks",
        ];
        var orphans = Directory
            .EnumerateDirectories(Path.Combine(SourceTree.Root, "tests"))
            .Select(path => Path.GetFileName(path)!)
            .Except(suites)
            .Where(name =>
                !Directory.Exists(
                    Path.Combine(
                        SourceTree.Root,
                        "src",
                        name.Replace(".Tests", "", StringComparison.Ordinal)
                    )
                )
            );
        Assert.Empty(orphans);
    }

    [Theory]
    [InlineData("src/OrleansMl.Core/Helpers/Text.cs", true)]
    [InlineData("src/OrleansMl.Core/Training/Utils/Text.cs", true)]
    [InlineData("src/OrleansMl.Core/Training/Text.cs", false)]
    public void The_rule_about_rooms_can_fail(string path, bool refused) =>
        Assert.Equal(refused, HasRoomWithoutSubject(path));

    [Theory]
    [InlineData(500, false)]
    [InlineData(501, true)]
    public void The_rule_about_length_can_fail(int lines, bool refused) =>
        Assert.Equal(refused, IsTooLong(lines));

    private static bool IsTooLong(int lines) => lines > LongestFile;

    private static bool HasRoomWithoutSubject(string path) =>
        path.Split('/')[..^1]
            .Any(folder => RoomsWithoutSubject.Contains(folder, StringComparer.OrdinalIgnoreCase));
}
