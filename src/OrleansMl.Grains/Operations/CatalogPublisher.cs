using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Core.Operations;

namespace OrleansMl.Grains.Operations;

/// <summary>Keeps a grain's row of the catalogue: written after the state, and tried again until it is there.</summary>
internal sealed partial class CatalogPublisher(IGrainBase grain, ICatalog catalog, ILogger logger)
{
    // How long a row may be behind its grain after the catalogue was away.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private Func<CatalogChange>? _pending;
    private IGrainTimer? _retry;

    /// <summary>Writes the row as it is when it is written. Failing does not fail the caller, whose state is durable: it is tried again.</summary>
    public async Task PublishAsync(Func<CatalogChange> change)
    {
        _pending = change;
        if (await TryAsync(CancellationToken.None))
            return;
        _retry ??= grain.RegisterGrainTimer(
            async cancellationToken =>
            {
                if (await TryAsync(cancellationToken))
                {
                    _retry?.Dispose();
                    _retry = null;
                }
            },
            new GrainTimerCreationOptions(RetryAfter, RetryAfter)
            {
                Interleave = true,
                KeepAlive = true,
            }
        );
    }

    /// <summary>A row of which the summary is JSON by <see cref="ContractsJson"/>.</summary>
    public static CatalogEntry Row<T>(
        string kind,
        string key,
        string status,
        DateTimeOffset createdAt,
        T summary
    ) =>
        new(kind, key, status, createdAt, JsonSerializer.Serialize(summary, ContractsJson.Options));

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        if (_pending is not { } change)
            return true;
        try
        {
            var (kind, key, row) = change();
            if (row is null)
                await catalog.RemoveAsync(kind, key, cancellationToken);
            else
                await catalog.UpsertAsync(row, cancellationToken);
            // A newer change may have come while this one was written.
            if (_pending == change)
                _pending = null;
            return _pending is null;
        }
        catch (Exception error)
        {
            LogPublishFailed(logger, error, grain.GrainContext.GrainId, RetryAfter);
            return false;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The catalogue's row of {Grain} could not be written; trying again in {RetryAfter}."
    )]
    private static partial void LogPublishFailed(
        ILogger logger,
        Exception error,
        GrainId grain,
        TimeSpan retryAfter
    );
}
