using System.Text.Json;

namespace OrleansMl.Engines.Torch.Tests.Native;

/// <summary>ADR 0002: one property chooses the native packages.</summary>
public sealed class AcceleratorTests
{
    [Theory]
    [InlineData(
        "src/OrleansMl.Worker/OrleansMl.Worker.csproj",
        "cpu",
        "libtorch-cpu-linux-x64",
        "cuda"
    )]
    [InlineData(
        "src/OrleansMl.Worker/OrleansMl.Worker.csproj",
        "cuda",
        "TorchSharp-cuda-linux",
        "cpu"
    )]
    [InlineData(
        "src/OrleansMl.Silo/OrleansMl.Silo.csproj",
        "cpu",
        "Microsoft.ML.OnnxRuntime",
        "Gpu"
    )]
    [InlineData(
        "src/OrleansMl.Silo/OrleansMl.Silo.csproj",
        "cuda",
        "Microsoft.ML.OnnxRuntime.Gpu",
        "cpu"
    )]
    public async Task The_property_chooses_the_native_package(
        string project,
        string accelerator,
        string expected,
        string foreign
    )
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The packages of Linux are checked on Linux.");
        var run = await MSBuildRun.StartAsync(
            project,
            "-getItem:PackageReference",
            $"-p:Accelerator={accelerator}"
        );
        Assert.True(run.ExitCode == 0, run.Output);
        using var items = JsonDocument.Parse(run.Output);
        var packages = items
            .RootElement.GetProperty("Items")
            .GetProperty("PackageReference")
            .EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)
            .ToList();
        Assert.Contains(expected, packages);
        Assert.DoesNotContain(packages, name => name.Contains(foreign, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cpu", "^$")]
    [InlineData("cuda", "src/OrleansMl.Worker/obj/packages.cuda.lock.json$")]
    public async Task Another_accelerator_locks_its_packages_apart_from_the_committed_files(
        string accelerator,
        string expected
    )
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The committed files are Linux's.");
        var run = await MSBuildRun.StartAsync(
            "src/OrleansMl.Worker/OrleansMl.Worker.csproj",
            "-getProperty:NuGetLockFilePath",
            $"-p:Accelerator={accelerator}"
        );
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Matches(expected, run.Output.Trim());
    }

    [Fact]
    public async Task Another_value_stops_the_build_and_names_the_property()
    {
        var run = await MSBuildRun.StartAsync(
            "src/OrleansMl.Worker/OrleansMl.Worker.csproj",
            "-t:CheckAccelerator",
            "-p:Accelerator=tpu"
        );
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(
            "Accelerator is 'tpu'; it must be cpu or cuda",
            run.Output,
            StringComparison.Ordinal
        );
    }
}
