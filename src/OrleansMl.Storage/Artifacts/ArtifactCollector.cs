using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>
/// Garbage collection: an artifact goes when it was last put before the grace period and nobody refers to it. Those who
/// refer put first, then write the reference, both within the grace period; a put makes young again, and the delete checks
/// the age anew in the same step, so nothing goes that is about to be referred to.
/// </summary>
internal sealed partial class ArtifactCollector(
    IArtifactStore store,
    IArtifactReferences references,
    ArtifactCollectorOptions options,
    TimeProvider time,
    ILogger<ArtifactCollector> logger
) : BackgroundService, IArtifactCollector
{
    private const int BatchSize = 500;
    private PeriodicTimer? _timer;

    public async Task<ArtifactCollection> CollectAsync(
        bool dryRun,
        CancellationToken cancellationToken
    )
    {
        var before = time.GetUtcNow() - TimeSpan.FromHours(options.GraceHours);
        var total = new ArtifactCollection(0, 0, 0, 0);
        var batch = new List<ArtifactInfo>(BatchSize);
        await foreach (var info in store.ListAsync(cancellationToken))
        {
            var young = info.StoredAt >= before;
            total = total with
            {
                Examined = total.Examined + 1,
                Young = total.Young + (young ? 1 : 0),
            };
            if (young)
                continue;
            batch.Add(info);
            if (batch.Count == BatchSize)
            {
                total = await SiftAsync(batch, before, dryRun, total, cancellationToken);
                batch.Clear();
            }
        }
        total = await SiftAsync(batch, before, dryRun, total, cancellationToken);
        if (total.Deleted > 0)
            LogCollected(
                dryRun ? "would delete" : "deleted",
                total.Deleted,
                total.DeletedBytes,
                total.Examined
            );
        return total;
    }

    /// <summary>Begins to count the first interval at once, whenever the pool gets to the rest.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Enabled)
            return Task.CompletedTask;
        _timer = new PeriodicTimer(TimeSpan.FromMinutes(options.IntervalMinutes), time);
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _timer?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _timer!.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CollectAsync(dryRun: false, stoppingToken);
            }
            catch (Exception e) when (e is IOException or UnavailableException or DbException)
            {
                // The store or the database is away: what is garbage now is garbage at the next turn.
                LogFailed(e);
            }
        }
    }

    private async Task<ArtifactCollection> SiftAsync(
        List<ArtifactInfo> batch,
        DateTimeOffset before,
        bool dryRun,
        ArtifactCollection total,
        CancellationToken cancellationToken
    )
    {
        if (batch.Count == 0)
            return total;
        var unreferenced = await references.FindUnreferencedAsync(
            [.. batch.Select(info => info.Id)],
            cancellationToken
        );
        foreach (var info in batch.Where(info => unreferenced.Contains(info.Id)))
        {
            if (!dryRun && !await DeleteAsync(info, before, cancellationToken))
                continue;
            total = total with
            {
                Deleted = total.Deleted + 1,
                DeletedBytes = total.DeletedBytes + info.Bytes,
            };
        }
        return total;
    }

    private Task<bool> DeleteAsync(
        ArtifactInfo info,
        DateTimeOffset before,
        CancellationToken cancellationToken
    ) =>
        store is IArtifactExpiry expiry
            ? expiry.DeleteOlderAsync(info.Id, before, cancellationToken)
            : store.DeleteAsync(info.Id, cancellationToken);

    [LoggerMessage(
        EventId = 4131,
        Level = LogLevel.Information,
        Message = "Garbage collection {Did} {Count} artifacts of {Bytes} bytes, of {Examined} in the store"
    )]
    private partial void LogCollected(string did, long count, long bytes, long examined);

    [LoggerMessage(
        EventId = 4132,
        Level = LogLevel.Warning,
        Message = "Garbage collection was put off"
    )]
    private partial void LogFailed(Exception exception);
}
