using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansMl.Cli.Operations;

/// <summary>Asks a silo's process to stop in order: checkpoint, hand over, leave.</summary>
internal static partial class SiloSignals
{
    private const int Sigterm = 15;

    /// <summary>Asks; nothing happens when the process has ended.</summary>
    public static void Stop(Process process)
    {
        if (process.HasExited)
            return;
        if (OperatingSystem.IsWindows())
        {
            // Windows has no such signal for a process without a console of its own.
            process.Kill();
            return;
        }
        if (Kill(process.Id, Sigterm) != 0 && !process.HasExited)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
