using System.Diagnostics;
using System.Text.Json;

namespace OrleansMl.Cluster.Tests.Operations;

[Trait("category", "cluster")]
public sealed class PublishedWorkerTests
{
    [Theory]
    [InlineData("libtorch_cpu.so")]
    [InlineData("libLibTorchSharp.so")]
    [InlineData("OrleansMl.Worker.runtimeconfig.json")]
    public async Task What_a_worker_needs_is_published_with_it(string file)
    {
        using var process = Process.Start(
            new ProcessStartInfo(
                "dotnet",
                [
                    "msbuild",
                    Path.Combine(
                        ClusterScript.Root,
                        "src/OrleansMl.Worker/OrleansMl.Worker.csproj"
                    ),
                    $"-p:Configuration={ClusterScript.Configuration}",
                    "-t:ComputeFilesToPublish",
                    "-getItem:ResolvedFileToPublish",
                ]
            )
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
        var output = await process.StandardOutput.ReadToEndAsync(
            TestContext.Current.CancellationToken
        );
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        using var items = JsonDocument.Parse(output);
        Assert.Contains(
            file,
            items
                .RootElement.GetProperty("Items")
                .GetProperty("ResolvedFileToPublish")
                .EnumerateArray()
                .Select(item => Path.GetFileName(item.GetProperty("RelativePath").GetString()!))
        );
    }
}
