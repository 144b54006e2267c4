using System.Diagnostics;
using OrleansMl.Core.Training.Architectures;
using OrleansMl.Engines.Torch.Export;

namespace OrleansMl.Engines.Torch.Tests.Export;

/// <summary>Python's onnx package (Debian: python3-onnx) judges what the exporter writes.</summary>
public sealed class OnnxCheckerTests
{
    // check_model with full_check infers every shape too, and compares it with the declared outputs.
    private const string Checker =
        "import sys, onnx; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True); print(onnx.load(sys.argv[1]).opset_import[0].version)";

    public static TheoryData<string> PlanNames => [.. Plans.All.Keys];

    [Theory]
    [MemberData(nameof(PlanNames))]
    public async Task Every_architecture_is_accepted_by_the_onnx_checker(string name)
    {
        var path = Write(Plans.All[name]);
        try
        {
            var (exitCode, output) = await RunCheckerAsync(path);
            Assert.True(exitCode == 0, output);
            Assert.Equal("17", output.Trim());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_graph_with_a_missing_node_is_refused_by_the_same_check()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, Broken(), TestContext.Current.CancellationToken);
            var (exitCode, output) = await RunCheckerAsync(path);
            Assert.NotEqual(0, exitCode);
            Assert.Contains(
                "Nodes in a graph must be topologically sorted",
                output,
                StringComparison.Ordinal
            );
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Broken()
    {
        var stream = new MemoryStream();
        var plan = Plans.All["cnn"];
        OnnxExporter.Write(plan, RandomParameters.Of(plan, seed: 1), stream);
        var model = Engines.Torch.Export.Ir.ModelProto.Parser.ParseFrom(stream.ToArray());
        model.Graph.Node.RemoveAt(3);
        stream.SetLength(0);
        Google.Protobuf.MessageExtensions.WriteTo(model, stream);
        return stream.ToArray();
    }

    private static string Write(ModelPlan plan)
    {
        var path = Path.GetTempFileName();
        using var file = File.Create(path);
        OnnxExporter.Write(plan, RandomParameters.Of(plan, seed: 1), file);
        return path;
    }

    private static async Task<(int ExitCode, string Output)> RunCheckerAsync(string path)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Checker, path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var python =
            Process.Start(start) ?? throw new InvalidOperationException("python3 did not start.");
        var output = python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (python.ExitCode, await output + await error);
    }
}
