using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>
/// A read-through cache on the local disk before a remote store: whole reads fill it, puts pass through it, ranges of what
/// it lacks go straight to the remote store. Over its budget, what was used longest ago goes first; what is leased stays.
/// Many readers of one missing artifact fetch it once. Thread-safe.
/// </summary>
internal sealed partial class CachedArtifactStore
    : IArtifactStore,
        ILocalArtifacts,
        IArtifactExpiry,
        IDisposable
{
    private readonly IArtifactStore _remote;
    private readonly LocalArtifactStore _cache;
    private readonly long _budget;
    private readonly ILogger _logger;
    private readonly ArtifactUseOrder _order = new();
    private readonly ConcurrentDictionary<ArtifactId, Lazy<Task>> _fetches = new();
    private readonly CancellationTokenSource _closing = new();
    private int _disposed;
    private readonly Lazy<Task> _loaded;

    /// <param name="remote">The store that has everything. Owned.</param>
    /// <param name="cache">The folder, this process's alone.</param>
    /// <param name="budgetBytes">Bytes that the cache may hold.</param>
    /// <param name="logger">Where evictions are told.</param>
    public CachedArtifactStore(
        IArtifactStore remote,
        LocalArtifactStore cache,
        long budgetBytes,
        ILogger<CachedArtifactStore> logger
    )
    {
        _remote = remote;
        _cache = cache;
        _budget = budgetBytes;
        _logger = logger;
        _loaded = new Lazy<Task>(LoadAsync);
    }

    public async Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        await _loaded.Value;
        using var staged = await _cache.StageAsync(content, cancellationToken);
        var info = _remote is IStagedArtifactStore direct
            ? await direct.PutStagedAsync(staged, cancellationToken)
            : await _remote.PutAsync(staged.OpenRead(), cancellationToken);
        if (info.Id != staged.Id)
            throw new ArtifactCorruptException(
                $"Artifact {staged.Id} became {info.Id} on its way to the remote store: put it again."
            );
        if (staged.Bytes <= _budget)
            Keep(staged);
        return info;
    }

    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken) =>
        _remote.FindAsync(id, cancellationToken);

    public async Task<Stream> OpenReadAsync(
        ArtifactId id,
        ArtifactRange? range,
        CancellationToken cancellationToken
    )
    {
        await _loaded.Value;
        if (range is null || _order.Contains(id))
        {
            var info =
                range is null && !_order.Contains(id)
                    ? await _remote.FindAsync(id, cancellationToken)
                    : null;
            // What would push out all else is only passed through.
            if (info is null || info.Bytes <= _budget)
            {
                var lease = await AcquireAsync(id, cancellationToken);
                try
                {
                    return _cache.OpenRead(id, range, lease);
                }
                catch
                {
                    lease.Dispose();
                    throw;
                }
            }
        }
        return await _remote.OpenReadAsync(id, range, cancellationToken);
    }

    public IAsyncEnumerable<ArtifactInfo> ListAsync(CancellationToken cancellationToken) =>
        _remote.ListAsync(cancellationToken);

    public async Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken)
    {
        await DropAsync(id, cancellationToken);
        return await _remote.DeleteAsync(id, cancellationToken);
    }

    public async Task<bool> DeleteOlderAsync(
        ArtifactId id,
        DateTimeOffset storedBefore,
        CancellationToken cancellationToken
    )
    {
        if (
            _remote is not IArtifactExpiry expiry
            || !await expiry.DeleteOlderAsync(id, storedBefore, cancellationToken)
        )
            return false;
        await DropAsync(id, cancellationToken);
        return true;
    }

    public async Task<IArtifactLease> AcquireAsync(
        ArtifactId id,
        CancellationToken cancellationToken
    )
    {
        await _loaded.Value;
        while (true)
        {
            try
            {
                var lease = await _cache.AcquireAsync(id, cancellationToken);
                _cache.Touch(id);
                _order.Use(id);
                return lease;
            }
            catch (ArtifactNotFoundException)
            {
                // Fetched below; it may be evicted again before it is leased, then the loop goes round.
            }
            catch (ArtifactCorruptException e)
            {
                LogDamaged(e.Message);
                await DropAsync(id, cancellationToken);
            }
            await FetchOnceAsync(id).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Harmless to repeat: a container disposes a service once for each name that it has.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _closing.Cancel();
        _closing.Dispose();
        (_remote as IDisposable)?.Dispose();
    }

    /// <summary>Bytes in the cache now.</summary>
    internal long CachedBytes => _order.TotalBytes;

    private async Task LoadAsync()
    {
        var found = new List<ArtifactInfo>();
        await foreach (var info in _cache.ListAsync(_closing.Token))
            found.Add(info);
        foreach (var info in found.OrderBy(info => info.StoredAt))
            _order.Add(info.Id, info.Bytes);
        Evict();
    }

    private Task FetchOnceAsync(ArtifactId id) =>
        _fetches
            .GetOrAdd(id, static (id, self) => new Lazy<Task>(() => self.FetchAsync(id)), this)
            .Value;

    /// <summary>Fetches for all who wait; one of them giving up doesn't end it.</summary>
    private async Task FetchAsync(ArtifactId id)
    {
        try
        {
            await using var content = await _remote.OpenReadAsync(id, null, _closing.Token);
            using var staged = await _cache.StageAsync(content, _closing.Token);
            Keep(staged);
        }
        finally
        {
            _fetches.TryRemove(id, out _);
        }
    }

    private void Keep(StagedArtifact staged)
    {
        staged.Commit();
        _order.Add(staged.Id, staged.Bytes);
        Evict(spared: staged.Id);
    }

    private async Task DropAsync(ArtifactId id, CancellationToken cancellationToken)
    {
        await _cache.DeleteAsync(id, cancellationToken);
        _order.Remove(id);
    }

    private void Evict(ArtifactId? spared = null)
    {
        foreach (var (id, bytes) in _order.Oldest())
        {
            if (_order.TotalBytes <= _budget)
                return;
            if (id != spared && _cache.TryDeleteUnheld(id))
            {
                _order.Remove(id);
                LogEvicted(id, bytes);
            }
        }
        if (_order.TotalBytes > _budget)
            LogOverBudget(_order.TotalBytes, _budget);
    }

    [LoggerMessage(
        EventId = 4111,
        Level = LogLevel.Debug,
        Message = "Evicted artifact {Id} ({Bytes} bytes) from the cache"
    )]
    private partial void LogEvicted(ArtifactId id, long bytes);

    [LoggerMessage(
        EventId = 4112,
        Level = LogLevel.Warning,
        Message = "The artifact cache holds {Bytes} bytes, over its {Budget}, because all of it is in use: raise Storage:Artifacts:CacheBytes"
    )]
    private partial void LogOverBudget(long bytes, long budget);

    [LoggerMessage(
        EventId = 4113,
        Level = LogLevel.Warning,
        Message = "A cached artifact is damaged and fetched anew: {Reason}"
    )]
    private partial void LogDamaged(string reason);
}
