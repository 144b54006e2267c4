namespace OrleansMl.Architecture.Tests;

/// <summary>Who may name whom, read from what the compiler wrote into the assemblies.</summary>
public sealed class ReferenceTests
{
    public static TheoryData<string> Projects => [.. House.Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_names_only_the_projects_that_it_may(string project) =>
        Assert.Empty(House.Unallowed(project, House.References(project)));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_package_is_named_by_its_owner_alone(string project) =>
        Assert.Empty(House.NotOwned(project, House.References(project)));

    [Fact]
    public void Every_project_of_the_tree_stands_in_the_table()
    {
        var projects = Directory
            .EnumerateFiles(
                Path.Combine(SourceTree.Root, "src"),
                "*.csproj",
                SearchOption.AllDirectories
            )
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Select(name => name == "OrleansMl.Cli" ? "oml" : name);
        Assert.Equal(House.Allowed.Keys.Order(), projects.Order());
    }

    [Fact]
    public void The_rule_about_projects_can_fail() =>
        Assert.Equal(
            ["OrleansMl.Engines.Torch"],
            House.Unallowed(
                "OrleansMl.Grains",
                ["OrleansMl.Core", "OrleansMl.Engines.Torch", "System.Runtime"]
            )
        );

    [Fact]
    public void The_rule_about_packages_can_fail() =>
        Assert.Equal(
            ["TorchSharp"],
            House.NotOwned("OrleansMl.Silo", ["TorchSharp", "Orleans.Runtime"])
        );

    [Fact]
    public void The_rules_see_real_references() =>
        Assert.Contains("TorchSharp", House.References("OrleansMl.Engines.Torch"));
}
