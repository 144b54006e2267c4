using System.Runtime.InteropServices;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Training;
using OrleansMl.Core.Training;

namespace OrleansMl.Silo.Tests.Training;

/// <summary>An engine that does what the job's configuration says, a line a command.</summary>
internal sealed partial class ScriptedEngine : ITrainingEngine
{
    public TrainingOutcome Train(TrainingJob job, ITrainingObserver observer)
    {
        long step = job.ResumeFrom is { } from ? long.Parse(File.ReadAllText(from)) : 0;
        foreach (var line in job.Config.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            observer.Stop.ThrowIfCancellationRequested();
            var words = line.Split(' ');
            switch (words[0])
            {
                case "step":
                    step++;
                    observer.OnProgress(Progress(step), [Point(step)]);
                    break;
                case "checkpoint":
                    observer.OnCheckpoint(Write(job, $"checkpoint-{step}", $"{step}"), step);
                    break;
                case "say":
                    System.Console.WriteLine(line[4..]);
                    break;
                case "environment":
                    System.Console.WriteLine($"{words[1]}={GetEnv(words[1])}");
                    break;
                case "shards":
                    System.Console.WriteLine(
                        string.Join(',', job.ShardPaths.Select(File.ReadAllText))
                    );
                    break;
                case "abort":
                    Abort();
                    break;
                case "leak":
                    Leak();
                    break;
                case "freeze":
                    // A stuck kernel: this thread never looks at the observer again, the process still beats.
                    new ManualResetEventSlim().Wait(Timeout.Infinite, CancellationToken.None);
                    break;
                case "stop-process":
                    _ = Kill(Environment.ProcessId, 19);
                    break;
                case "bad-input":
                    throw new InvalidInputException("The column 'x' is missing.");
                case "fail":
                    throw new InvalidOperationException("No luck.");
                case "wait":
                    observer.Stop.WaitHandle.WaitOne();
                    break;
                case "hand-over":
                    SpinWait.SpinUntil(() => observer.HandOverRequested);
                    observer.OnCheckpoint(Write(job, $"checkpoint-{step}", $"{step}"), step);
                    return new TrainingOutcome { HandedOver = true };
                default:
                    throw new InvalidInputException($"Unknown command '{line}'.");
            }
        }
        return new TrainingOutcome
        {
            OnnxPath = Write(job, "model.onnx", "onnx"),
            WeightsPath = Write(job, "weights", $"weights at {step}"),
            Signature = new ModelSignature { Inputs = [], Outputs = [] },
            Progress = Progress(step),
            TrainingSeconds = job.TrainingSecondsBefore + 1,
        };
    }

    private static string Write(TrainingJob job, string name, string content)
    {
        var path = Path.Combine(job.ScratchDirectory, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static void Leak()
    {
        var hoard = new List<byte[]>();
        while (true)
        {
            var block = new byte[8 * 1024 * 1024];
            Array.Fill(block, (byte)1);
            hoard.Add(block);
        }
    }

    private static TrainingProgress Progress(long step) =>
        new()
        {
            Step = step,
            TotalSteps = 100,
            Epoch = 1,
            Epochs = 1,
        };

    private static MetricPoint Point(long step) =>
        new()
        {
            Step = step,
            Epoch = 1,
            Series = "step",
            ElapsedSeconds = step,
            Values = new Dictionary<string, double> { ["loss"] = 1.0 / step },
        };

    // The native environment is what LibTorch and malloc see.
    private static string GetEnv(string name) =>
        Marshal.PtrToStringUTF8(GetEnvNative(name)) ?? "(unset)";

    [LibraryImport("libc", EntryPoint = "abort")]
    private static partial void Abort();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr GetEnvNative(string name);
}
