using System.Buffers.Binary;
using System.Text;
using TorchSharp;

namespace OrleansMl.Engines.Torch.Tests.Native;

/// <summary>ADR 0001: TorchSharp's library loads with the libstdc++ of GCC 12.</summary>
public sealed class NativeLibraryTests : IDisposable
{
    private const string VersionNeed = "GLIBCXX_3.4.32";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("oml-native-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_tensor_operation_runs()
    {
        using var scope = torch.NewDisposeScope();
        var product = torch.tensor(new float[] { 1, 2, 3 }).mul(2).sum().item<float>();
        Assert.Equal(12, product);
    }

    [Fact]
    public void The_library_in_the_output_needs_the_version_weakly_and_all_others_as_before()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF is Linux's.");
        var packaged = VersionNeeds(File.ReadAllBytes(PackagedLibrary()));
        var built = VersionNeeds(File.ReadAllBytes(BuiltLibrary()));
        Assert.Contains(packaged, need => need is { Name: VersionNeed, Flags: 0 });
        Assert.Equal(
            packaged.Select(need => need.Name == VersionNeed ? need with { Flags = 2 } : need),
            built
        );
    }

    [Fact]
    public async Task A_second_build_leaves_the_copy_alone()
    {
        var first = await WeakenAsync(PackagedLibrary(), VersionNeed);
        Assert.True(first.ExitCode == 0, first.Output);
        var copy = Path.Combine(folder.FullName, "libLibTorchSharp.so");
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(
            await File.ReadAllBytesAsync(BuiltLibrary(), cancellation),
            await File.ReadAllBytesAsync(copy, cancellation)
        );
        await File.WriteAllTextAsync(copy, "left alone", cancellation);
        var second = await WeakenAsync(PackagedLibrary(), VersionNeed);
        Assert.True(second.ExitCode == 0, second.Output);
        Assert.Equal("left alone", await File.ReadAllTextAsync(copy, cancellation));
    }

    [Fact]
    public async Task A_version_whose_symbols_are_used_at_run_time_is_refused()
    {
        var run = await WeakenAsync(PackagedLibrary(), "GLIBCXX_3.4.21");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Matches("it uses \\S+ of GLIBCXX_3.4.21 at run time", run.Output);
        Assert.Empty(folder.GetFiles("libLibTorchSharp.so"));
    }

    [Fact]
    public async Task A_library_without_the_need_is_refused_so_that_the_step_gets_reviewed()
    {
        var run = await WeakenAsync(PackagedLibrary(), "GLIBCXX_9.9.9");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("it doesn't need GLIBCXX_9.9.9", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no library at all", "it is no ELF file")]
    [InlineData(null, "it is truncated or no ELF library")]
    public async Task A_file_that_is_no_whole_library_is_refused(string? text, string expected)
    {
        var path = Path.Combine(folder.FullName, "broken.so");
        var cancellation = TestContext.Current.CancellationToken;
        var bytes = text is null
            ? (await File.ReadAllBytesAsync(PackagedLibrary(), cancellation))[..4096]
            : Encoding.ASCII.GetBytes(text);
        await File.WriteAllBytesAsync(path, bytes, cancellation);
        var run = await WeakenAsync(path, VersionNeed);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
        Assert.Contains("broken.so", run.Output, StringComparison.Ordinal);
    }

    /// <summary>Runs the target as a build does, on a library of our choice.</summary>
    private async Task<MSBuildRun> WeakenAsync(string library, string versionNeed)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF is Linux's.");
        var project = Path.Combine(folder.FullName, "weaken.proj");
        await File.WriteAllTextAsync(
            project,
            $"""
            <Project>
              <PropertyGroup>
                <Accelerator>cpu</Accelerator>
                <TorchSharpNativeDirectory>{folder.FullName}/</TorchSharpNativeDirectory>
              </PropertyGroup>
              <Import Project="{RepositoryRoot.Path}/build/TorchNative.targets" />
              <ItemGroup><_TorchSharpPackaged Include="{library}" /></ItemGroup>
            </Project>
            """,
            TestContext.Current.CancellationToken
        );
        return await MSBuildRun.StartAsync(
            project,
            "-t:WeakenTorchSharpVersionNeed",
            $"-p:TorchSharpVersionNeed={versionNeed}"
        );
    }

    private static string BuiltLibrary() =>
        Path.Combine(AppContext.BaseDirectory, "runtimes/linux-x64/native/libLibTorchSharp.so");

    private static string PackagedLibrary()
    {
        var packages =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                ".nuget/packages"
            );
        var version = typeof(torch).Assembly.GetName().Version!.ToString(3);
        return Path.Combine(
            packages,
            "torchsharp",
            version,
            "runtimes/linux-x64/native/libLibTorchSharp.so"
        );
    }

    /// <summary>The entries of .gnu.version_r, found by the section's type.</summary>
    private static List<(string Name, ushort Flags)> VersionNeeds(byte[] image)
    {
        long U(long at, int bytes) =>
            bytes switch
            {
                2 => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan((int)at)),
                4 => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan((int)at)),
                _ => BinaryPrimitives.ReadInt64LittleEndian(image.AsSpan((int)at)),
            };
        string Text(long at) =>
            Encoding.ASCII.GetString(
                image.AsSpan((int)at, Array.IndexOf(image, (byte)0, (int)at) - (int)at)
            );
        var sections = U(40, 8);
        var size = U(58, 2);
        var section = Enumerable
            .Range(0, (int)U(60, 2))
            .Select(i => sections + i * size)
            .Single(header => U(header + 4, 4) == 0x6ffffffe);
        var strings = U(sections + U(section + 40, 4) * size + 24, 8);
        var needs = new List<(string, ushort)>();
        var library = U(section + 24, 8);
        for (long i = 0, count = U(section + 44, 4); i < count; i++)
        {
            var entry = library + U(library + 8, 4);
            for (long j = 0, entries = U(library + 2, 2); j < entries; j++)
            {
                needs.Add((Text(strings + U(entry + 8, 4)), (ushort)U(entry + 4, 2)));
                entry += U(entry + 12, 4);
            }
            library += U(library + 12, 4);
        }
        return needs;
    }
}
