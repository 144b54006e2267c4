using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Core.Serving.Events;

namespace OrleansMl.Storage.Serving.Events;

/// <summary>Trims topics from time to time, on every silo: what one has trimmed, another finds done.</summary>
internal sealed partial class EventUpkeep(
    IEventLog log,
    TimeProvider time,
    ILogger<EventUpkeep> logger
) : BackgroundService
{
    // Retention is a matter of hours.
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var trimmed = await log.TrimAsync(stoppingToken);
                if (trimmed > 0)
                    LogTrimmed(trimmed);
            }
            catch (Exception e) when (e is UnavailableException or DbException)
            {
                // What may go now may go at the next turn.
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(
        EventId = 4201,
        Level = LogLevel.Debug,
        Message = "{Count} events past their retention were removed"
    )]
    private partial void LogTrimmed(long count);

    [LoggerMessage(
        EventId = 4202,
        Level = LogLevel.Warning,
        Message = "Trimming topics was put off"
    )]
    private partial void LogFailed(Exception exception);
}
