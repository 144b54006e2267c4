using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Core.Serving;
using OrleansMl.Engines.Onnx;

namespace OrleansMl.Benchmarks.Serving;

/// <summary>A child process that loads a model and lets it go again and again, and says how its memory grew; then what many of them take at once.</summary>
internal static class LoadCycles
{
    public const string Name = "load-cycles";
    private const int WarmUp = 100;
    private const int Kept = 20;

    /// <summary>Arguments: the model's file, the number of cycles.</summary>
    public static int Run(string[] args)
    {
        var cycles = int.Parse(args[1], CultureInfo.InvariantCulture);
        using var services = new ServiceCollection()
            .AddLogging()
            .AddOnnxEngine()
            .BuildServiceProvider();
        var engine = services.GetRequiredService<IInferenceEngine>();
        var signature = engine.ReadSignature(args[0]);
        for (var i = 0; i < WarmUp; i++)
            engine.Load(args[0], signature).Dispose();
        var before = Resident();
        for (var i = 0; i < cycles; i++)
            engine.Load(args[0], signature).Dispose();
        var after = Resident();
        var sessions = new List<IInferenceSession>();
        for (var i = 0; i < Kept; i++)
            sessions.Add(engine.Load(args[0], signature));
        var full = Resident();
        foreach (var session in sessions)
            session.Dispose();
        Console.WriteLine(
            JsonSerializer.Serialize(new { growth = after - before, each = (full - after) / Kept })
        );
        return 0;
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
