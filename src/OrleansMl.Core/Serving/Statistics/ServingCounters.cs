using System.Collections.Concurrent;
using OrleansMl.Contracts.Models;

namespace OrleansMl.Core.Serving.Statistics;

/// <summary>The counters of this silo's versions. They outlive the versions' stay in memory, up to a number of versions; those used longest ago are forgotten first. Thread-safe.</summary>
public sealed class ServingCounters(TimeProvider time)
{
    private const int MaxVersions = 20_000;
    private readonly ConcurrentDictionary<ModelVersionId, VersionCounters> _versions = new();

    /// <summary>A version's counters. Keep them rather than asking for each call.</summary>
    public VersionCounters Of(ModelVersionId version)
    {
        if (_versions.TryGetValue(version, out var known))
            return known;
        if (_versions.Count >= MaxVersions)
            Trim();
        return _versions.GetOrAdd(version, new VersionCounters(version, time));
    }

    /// <summary>A version's counters, if it was ever called here.</summary>
    public VersionCounters? Find(ModelVersionId version) => _versions.GetValueOrDefault(version);

    /// <summary>All counters, in no order.</summary>
    public IReadOnlyCollection<VersionCounters> All => [.. _versions.Values];

    private void Trim()
    {
        foreach (
            var oldest in _versions
                .Values.OrderBy(counters => counters.UsedAt)
                .Take(MaxVersions / 10)
                .ToList()
        )
            _versions.TryRemove(oldest.Version, out _);
    }
}
