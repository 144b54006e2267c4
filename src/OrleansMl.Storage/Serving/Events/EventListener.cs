using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Serving.Events;

/// <summary>Hears what other silos append, by the database; while it can't, consumers look for themselves from time to time.</summary>
internal sealed partial class EventListener(
    Database database,
    EventSignals signals,
    TimeProvider time,
    ILogger<EventListener> logger
) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // What came before the listening began was not heard: all look once.
                await database.ListenAsync(signals.RaiseAll, signals.Raise, stoppingToken);
                return;
            }
            catch (Exception e) when (e is DbException or SocketException or IOException)
            {
                LogBroken(e.Message);
                await Task.Delay(RetryAfter, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(
        EventId = 4203,
        Level = LogLevel.Warning,
        Message = "Notifications of events can't be heard; consumers look from time to time until they can: {Reason}"
    )]
    private partial void LogBroken(string reason);
}
