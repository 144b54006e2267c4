using System.Globalization;

namespace OrleansMl.Silo.Tests.Serving.Fuzzing;

/// <summary>The long run, by scripts/fuzz.</summary>
internal static class FuzzCommand
{
    private const int Shown = 512;

    /// <summary>Runs it; the exit code: 0, 1 when a case failed, 2 when the arguments are wrong.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (targets, cases, seed) = (FuzzTarget.All, 1_000_000L, 20260101UL);
        var folder = Path.Combine("artifacts", "fuzz");
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "all")
                targets = FuzzTarget.All;
            else if (FuzzTarget.All.FirstOrDefault(target => target.Name == args[i]) is { } one)
                targets = [one];
            else if (
                args[i] == "--cases"
                && i + 1 < args.Length
                && long.TryParse(args[++i], CultureInfo.InvariantCulture, out var count)
                && count >= 100
            )
                cases = count;
            else if (
                args[i] == "--seed"
                && i + 1 < args.Length
                && ulong.TryParse(args[++i], CultureInfo.InvariantCulture, out var given)
            )
                seed = given;
            else if (args[i] == "--replay" && i + 1 < args.Length)
                return await ReplayAsync(args[++i]);
            else
                return Refuse(args[i]);
        }
        System.Console.WriteLine(
            $"seed {seed}, {cases:N0} cases of each: {string.Join(", ", targets.Select(t => t.Name))}"
        );
        await using var silo = await InProcessSilo.StartAsync([], CancellationToken.None);
        foreach (var target in targets)
        {
            var run = new FuzzRun(silo, seed, System.Console.WriteLine);
            await run.RunAsync(target, cases, Environment.ProcessorCount, CancellationToken.None);
            if (run.Failures is [var failure, ..])
            {
                foreach (var other in run.Failures.Skip(1).Take(2))
                    System.Console.WriteLine($"beside it: {other.Problem}");
                return Report(target, seed, failure, folder);
            }
        }
        System.Console.WriteLine("no case failed");
        return 0;
    }

    private static async Task<int> ReplayAsync(string file)
    {
        await using var silo = await InProcessSilo.StartAsync([], CancellationToken.None);
        var run = new FuzzRun(silo, 0, System.Console.WriteLine);
        await run.CheckAsync(
            FuzzCase.Parse(await File.ReadAllBytesAsync(file, CancellationToken.None)),
            0
        );
        foreach (var failure in run.Failures)
            System.Console.WriteLine(failure.Problem);
        return run.Failures.Count == 0 ? 0 : 1;
    }

    private static int Report(FuzzTarget target, ulong seed, FuzzFailure failure, string folder)
    {
        System.Console.WriteLine(
            $"FAILED {target.Name}, seed {seed}, case {failure.Number}: {failure.Problem}"
        );
        if (failure.Case is not { } request)
            return 1;
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{target.Name}-{seed}-{failure.Number}.http");
        var file = request.ToFile();
        File.WriteAllBytes(path, file);
        System.Console.WriteLine(
            $"{request.Path}\n{string.Join('\n', request.Headers.Select(h => $"{h.Key}: {h.Value}"))}\n{Convert.ToHexString(request.Body.AsSpan(0, Math.Min(Shown, request.Body.Length)))}{(request.Body.Length > Shown ? "…" : "")}"
        );
        System.Console.WriteLine(
            $"written to {path}; mended, it belongs into tests/OrleansMl.Silo.Tests/Serving/Corpus/{target.Name}"
        );
        return 1;
    }

    private static int Refuse(string argument)
    {
        System.Console.Error.WriteLine(
            $"fuzz: expected {string.Join(", ", FuzzTarget.All.Select(t => t.Name))}, all, --cases N (100 or more), --seed N or --replay FILE, got '{argument}'."
        );
        return 2;
    }
}
