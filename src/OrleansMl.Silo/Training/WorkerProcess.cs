using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OrleansMl.Silo.Training;

/// <summary>A started worker process, its last lines, and its end.</summary>
internal sealed partial class WorkerProcess : IDisposable
{
    private const int MaxLineLength = 1_000;
    private const int KillSignal = 9;
    private readonly Process _process;
    private readonly int _tailLines;
    private readonly Action<string> _onLine;
    private readonly Queue<string> _tail = new();

    private WorkerProcess(Process process, int tailLines, Action<string> onLine)
    {
        _process = process;
        _tailLines = tailLines;
        _onLine = onLine;
        Id = process.Id;
        process.OutputDataReceived += OnLine;
        process.ErrorDataReceived += OnLine;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exited = process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Its process id.</summary>
    public int Id { get; }

    /// <summary>Ends with the process, after its last line.</summary>
    public Task Exited { get; }

    /// <summary>Bytes resident; 0 when it has ended.</summary>
    public long ResidentBytes
    {
        get
        {
            try
            {
                _process.Refresh();
                return _process.HasExited ? 0 : _process.WorkingSet64;
            }
            catch (InvalidOperationException)
            {
                // It ended between the two reads.
                return 0;
            }
        }
    }

    /// <summary>How it ended, for people.</summary>
    public string ExitDescription =>
        _process.ExitCode is > 128 and < 128 + 65
            ? $"was killed by signal {(_process.ExitCode - 128).ToString(CultureInfo.InvariantCulture)}"
            : $"ended with exit code {_process.ExitCode.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Its last lines, standard output and error together.</summary>
    public IReadOnlyList<string> LogTail
    {
        get
        {
            lock (_tail)
                return [.. _tail];
        }
    }

    /// <summary>Starts the process.</summary>
    /// <exception cref="InvalidOperationException">It can't be started.</exception>
    public static WorkerProcess Start(ProcessStartInfo start, int tailLines, Action<string> onLine)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        start.UseShellExecute = false;
        try
        {
            var process =
                Process.Start(start)
                ?? throw new InvalidOperationException($"'{start.FileName}' did not start.");
            process.StandardInput.Close();
            return new WorkerProcess(process, tailLines, onLine);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException(
                $"The worker program '{start.FileName}' can't be started: {e.Message}. Set Workers:Path to the worker.",
                e
            );
        }
    }

    /// <summary>Kills it and its children; nothing happens when it has ended.</summary>
    public void Kill()
    {
        if (_process.HasExited)
            return;
        // The worker leads a process group of its own. Before it does, the first call finds no such group.
        if (!OperatingSystem.IsWindows())
            _ = KillNative(-Id, KillSignal);
        _process.Kill();
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private void OnLine(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is not { } line)
            return;
        if (line.Length > MaxLineLength)
            line = line[..MaxLineLength];
        lock (_tail)
        {
            _tail.Enqueue(line);
            while (_tail.Count > _tailLines)
                _tail.Dequeue();
        }
        _onLine(line);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillNative(int pid, int signal);
}
