using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>Windows of one version that are not closed yet: the newest report of each silo. In memory: silos report them again until they are durable.</summary>
internal sealed class OpenWindows(VersionProfile profile)
{
    private readonly SortedDictionary<long, Dictionary<string, WindowCounts>> _windows = [];
    private readonly Dictionary<string, IReadOnlyList<OutlierExample>> _outliers = [];

    public VersionProfile Profile => profile;

    public bool IsEmpty => _windows.Count == 0;

    /// <summary>Takes a report's windows after a number. A report replaces what its silo said before of the same window.</summary>
    public void Take(WatchReport report, long after)
    {
        foreach (var counts in report.Windows)
        {
            if (counts.Window <= after)
                continue;
            if (!_windows.TryGetValue(counts.Window, out var reporters))
                _windows[counts.Window] = reporters = [];
            reporters[report.Reporter] = counts;
        }
        _outliers[report.Reporter] = report.Outliers;
    }

    /// <summary>The windows up to a number, over all silos, oldest first.</summary>
    public IReadOnlyList<WindowCounts> Through(long window) =>
        [
            .. _windows
                .Where(pair => pair.Key <= window)
                .Select(pair => WatchCounts.Sum(pair.Value.Values)!),
        ];

    public void DropThrough(long window)
    {
        while (_windows.Count > 0 && _windows.First().Key <= window)
            _windows.Remove(_windows.First().Key);
    }

    public IReadOnlyList<OutlierExample> Outliers(int most) =>
        [.. _outliers.Values.SelectMany(o => o).OrderByDescending(o => o.At).Take(most)];
}
