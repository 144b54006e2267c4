using System.Globalization;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>What happened when, to the console at once and into a file. Thread-safe.</summary>
internal sealed class SoakJournal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _file;
    private readonly TimeProvider _time;
    private readonly long _started;

    public SoakJournal(string path, TimeProvider time)
    {
        (_time, _started) = (time, time.GetTimestamp());
        _file = new StreamWriter(path) { AutoFlush = true };
    }

    public void Note(string what)
    {
        var at = _time.GetElapsedTime(_started);
        var line = string.Create(CultureInfo.InvariantCulture, $"{at:mm\\:ss\\.f} {what}");
        lock (_gate)
        {
            _file.WriteLine(line);
            // Past the test platform, which shows a test's own output when it has ended.
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }

    public void Dispose() => _file.Dispose();
}
