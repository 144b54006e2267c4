using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrleansMl.Gateway.Trust.Jwt;

/// <summary>Reads the issuers' keys when the silo has started and again and again, so that no request waits for it and a removed key ends in time.</summary>
internal sealed partial class IssuerKeyRefresh(
    JwtAuthenticator authenticator,
    TimeProvider time,
    IOptions<SecurityOptions> options,
    ILogger<IssuerKeyRefresh> logger
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (authenticator.Issuers.Count == 0)
            return;
        using var timer = new PeriodicTimer(
            TimeSpan.FromSeconds(options.Value.Jwt.RefreshSeconds),
            time
        );
        try
        {
            do
            {
                await Task.WhenAll(
                    authenticator.Issuers.Select(issuer => issuer.RefreshAsync(stoppingToken))
                );
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The issuers' keys are no longer read.")]
    private partial void LogStopped();
}
