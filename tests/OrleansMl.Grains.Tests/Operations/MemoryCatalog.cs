using System.Collections.Concurrent;
using OrleansMl.Core.Operations;

namespace OrleansMl.Grains.Tests.Operations;

internal sealed class MemoryCatalog(FaultPlan faults) : ICatalog
{
    private readonly ConcurrentDictionary<(string Kind, string Key), CatalogEntry> _rows = new();

    public CatalogEntry? Find(string kind, string key) => _rows.GetValueOrDefault((kind, key));

    public Task UpsertAsync(CatalogEntry entry, CancellationToken cancellationToken) =>
        faults.ApplyAsync(
            $"catalog {entry.Kind}/{entry.Key}",
            () =>
            {
                _rows[(entry.Kind, entry.Key)] = entry;
                return Task.CompletedTask;
            }
        );

    public Task RemoveAsync(string kind, string key, CancellationToken cancellationToken) =>
        faults.ApplyAsync(
            $"catalog {kind}/{key}",
            () =>
            {
                _rows.TryRemove((kind, key), out _);
                return Task.CompletedTask;
            }
        );

    public Task<IReadOnlyList<CatalogEntry>> ListAsync(
        CatalogQuery query,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<CatalogEntry>>([
            .. _rows
                .Values.Where(row =>
                    row.Kind == query.Kind
                    && (query.Statuses.Count == 0 || query.Statuses.Contains(row.Status))
                )
                .OrderByDescending(row => row.CreatedAt)
                .ThenBy(row => row.Key, StringComparer.Ordinal)
                .Skip(query.Offset)
                .Take(query.Limit),
        ]);

    public Task<IReadOnlyDictionary<string, long>> CountAsync(
        string kind,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyDictionary<string, long>>(
            _rows
                .Values.Where(row => row.Kind == kind)
                .GroupBy(row => row.Status)
                .ToDictionary(group => group.Key, group => group.LongCount())
        );
}
