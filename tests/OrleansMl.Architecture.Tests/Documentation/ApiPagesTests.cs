namespace OrleansMl.Architecture.Tests.Documentation;

/// <summary>The API reference is what the code says.</summary>
public sealed class ApiPagesTests
{
    private static readonly string[] Folder = ["docs", "api"];

    [Fact]
    public void The_api_reference_is_what_the_code_says()
    {
        var pages = ApiPages.Write("OrleansMl.Contracts", "OrleansMl.Client");
        foreach (var (name, text) in pages)
            CommittedPage.AssertIs(text, [.. Folder, name]);
        var folder = Path.Combine([SourceTree.Root, .. Folder]);
        foreach (
            var file in Directory
                .EnumerateFiles(folder)
                .Where(f => !pages.ContainsKey(Path.GetFileName(f)))
        )
        {
            if (CommittedPage.Regenerates)
                File.Delete(file);
            else
                Assert.Fail(
                    $"docs/api/{Path.GetFileName(file)} describes a namespace that is gone: run scripts/docs."
                );
        }
    }

    [Fact]
    public void A_page_has_types_members_parameters_and_exceptions()
    {
        var page = ApiPages.Write("OrleansMl.Contracts")["OrleansMl.Contracts.Models.md"];
        Assert.Contains("## IModelGrain\n\n*Interface.*", page, StringComparison.Ordinal);
        Assert.Contains(
            "### `Task<ModelVersionSnapshot> RegisterVersionAsync(",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains("- Throws `", page, StringComparison.Ordinal);
        Assert.DoesNotContain("GetHashCode", page, StringComparison.Ordinal);
    }
}
