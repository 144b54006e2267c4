using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansMl.Benchmarks;

/// <summary>What a benchmark measured.</summary>
/// <param name="Machine">Processor, cores, system, versions of both sides.</param>
/// <param name="Rows">The lines.</param>
internal sealed record BenchReport(string Machine, IReadOnlyList<BenchRow> Rows)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>This machine, in a line.</summary>
    public static string DescribeMachine()
    {
        var processor = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(':')[1]
                .Trim()
            : null;
        return $"{processor ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
    }

    /// <summary>Prints a table.</summary>
    public void Print(string name, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{name} on {Machine}");
        string[] head = ["", "unit", "ours", "peer", "ratio", "goal", "met"];
        var lines = Rows.Select(row =>
                new[]
                {
                    row.Name,
                    row.Unit,
                    Value(row.Ours, row.OursSpread),
                    Value(row.Peer, row.PeerSpread),
                    row.Ratio?.ToString("0.000", CultureInfo.InvariantCulture) ?? "",
                    row.Goal,
                    row.Met ? "yes" : "NO",
                }
            )
            .Prepend(head)
            .ToList();
        var widths = Enumerable
            .Range(0, head.Length)
            .Select(i => lines.Max(line => line[i].Length))
            .ToArray();
        foreach (var line in lines)
            output.WriteLine(
                string.Join("  ", line.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd()
            );
        foreach (var row in Rows.Where(row => row.Note.Length > 0))
            output.WriteLine($"{row.Name}: {row.Note}");
    }

    /// <summary>Writes <c>artifacts/bench/NAME.json</c> and returns its path.</summary>
    public string Write(string name)
    {
        var path = Path.Combine("artifacts", "bench", $"{name}.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");
        return path;
    }

    private static string Value(double? median, IReadOnlyList<double> spread) =>
        median is not { } value ? ""
        : spread is [var least, var most] ? $"{Digits(value)} ({Digits(least)}–{Digits(most)})"
        : Digits(value);

    private static string Digits(double value) =>
        value.ToString(Math.Abs(value) >= 100 ? "#,0" : "0.##", CultureInfo.InvariantCulture);
}
