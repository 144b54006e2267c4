using System.Runtime.Versioning;
using OrleansMl.Cli.Operations;
using OrleansMl.Contracts;

namespace OrleansMl.Cli.Tests.Operations;

[UnsupportedOSPlatform("windows")]
public sealed class UpCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2, 2)]
    [InlineData(1, 1)]
    [InlineData(0, 1)]
    public async Task A_silo_that_ends_before_it_is_ready_fails_the_command(int silo, int expected)
    {
        var program = Script($"exit {silo}");
        var error = new StringWriter();

        var code = await Run(
            program,
            error,
            "up",
            "--data",
            Path.Combine(_folder, "data"),
            "--url",
            "http://127.0.0.1:0"
        );

        Assert.Equal(expected, code);
        Assert.Contains("ended before it was ready", error.ToString());
    }

    [Fact]
    public async Task Arguments_after_the_dashes_and_the_address_reach_the_silo()
    {
        var arguments = Path.Combine(_folder, "arguments");
        var program = Script($"printf '%s\\n' \"$@\" > {arguments}");
        var data = Path.Combine(_folder, "data");

        await Run(
            program,
            new StringWriter(),
            "up",
            "--data",
            data,
            "--url",
            "http://127.0.0.1:0",
            "--",
            "--Workers:Threads",
            "2"
        );

        var lines = await File.ReadAllLinesAsync(arguments, TestContext.Current.CancellationToken);
        Assert.Equal("--url", lines[0]);
        Assert.Matches("^http://127.0.0.1:[1-9][0-9]+$", lines[1]);
        Assert.Equal(["--data", data, "--Workers:Threads", "2"], lines[2..]);
    }

    [Fact]
    public async Task Down_in_a_folder_without_a_silo_exits_2()
    {
        var error = new StringWriter();

        Assert.Equal(2, await Run("none", error, "down", "--data", _folder));
        Assert.Contains("no silo has run in", error.ToString());
    }

    [Fact]
    public async Task Down_leaves_a_process_alone_that_only_has_the_silos_old_id()
    {
        // This test's own process is no silo, though the record names it.
        await File.WriteAllTextAsync(
            Path.Combine(_folder, SiloRecord.FileName),
            $$"""{"name":"silo-1","processId":{{Environment.ProcessId}},"url":"http://127.0.0.1:1"}""",
            TestContext.Current.CancellationToken
        );

        Assert.Equal(0, await Run("none", new StringWriter(), "down", "--data", _folder));
    }

    [Fact]
    public void The_silo_is_found_in_the_source_tree_of_the_same_configuration()
    {
        Touch("OrleansMl.sln");
        var debug = Touch("src/OrleansMl.Silo/bin/Debug/net10.0/OrleansMl.Silo.dll");
        var release = Touch("src/OrleansMl.Silo/bin/Release/net10.0/OrleansMl.Silo.dll");

        Assert.Equal(release, Find("src/OrleansMl.Cli/bin/Release/net10.0")[^1]);
        Assert.Equal(debug, Find("src/OrleansMl.Cli/bin/Debug/net10.0")[^1]);
        File.Delete(release);
        Assert.Equal(debug, Find("src/OrleansMl.Cli/bin/Release/net10.0")[^1]);
    }

    [Fact]
    public void A_silo_beside_the_program_comes_first_and_none_is_an_error_that_says_where_it_was_sought()
    {
        var beside = Touch("app/silo/OrleansMl.Silo");

        Assert.Equal([beside], Find("app"));
        File.Delete(beside);
        var error = Assert.Throws<InvalidInputException>(() => Find("app"));
        Assert.Contains(beside, error.Message);
        Assert.Contains("OML_SILO", error.Message);
    }

    private IReadOnlyList<string> Find(string baseDirectory) =>
        SiloLocator.Find(Path.Combine(_folder, baseDirectory) + "/", _ => null);

    private string Touch(string path)
    {
        var full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, "");
        return full;
    }

    private string Script(string body)
    {
        var path = Path.Combine(_folder, "silo.sh");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(
            path,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        return path;
    }

    private static async Task<int> Run(string silo, StringWriter error, params string[] args) =>
        await new OmlProgram(
            new CliEnvironment
            {
                Out = new StringWriter(),
                Error = error,
                In = TextReader.Null,
                IsTerminal = false,
                Variable = name => name == "OML_SILO" ? silo : null,
            }
        ).RunAsync(args, TestContext.Current.CancellationToken);
}
