using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansMl.Worker.Operations;

/// <summary>What a worker asks of the operating system for its own process.</summary>
internal static partial class WorkerProcessControl
{
    /// <summary>Ends the process at once, whatever its other threads are stuck in: no finalizers, no exit handlers, no unwinding.</summary>
    public static void Exit(int code)
    {
        if (OperatingSystem.IsWindows())
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
        }
        else
        {
            ExitNative(code);
        }
    }

    /// <summary>Makes the process the leader of its own session and group, so that a terminal's Ctrl-C does not reach it and its silo can kill it with its children.</summary>
    public static void LeaveParentGroup()
    {
        if (!OperatingSystem.IsWindows() && SetSession() < 0)
            System.Console.Error.WriteLine(
                $"setsid failed with error {Marshal.GetLastPInvokeError()}: the worker stays in its parent's process group."
            );
    }

    /// <summary>Offers this process to the kernel's out-of-memory killer before its silo.</summary>
    public static void PreferAsOutOfMemoryVictim()
    {
        const string path = "/proc/self/oom_score_adj";
        if (!File.Exists(path))
            return;
        try
        {
            File.WriteAllText(path, "500");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            System.Console.Error.WriteLine($"{path} could not be raised: {e.Message}");
        }
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNative(int code);

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static partial int SetSession();
}
