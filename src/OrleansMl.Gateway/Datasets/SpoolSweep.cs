using Microsoft.Extensions.Hosting;

namespace OrleansMl.Gateway.Datasets;

/// <summary>Makes the spool when the process starts, and not with the first upload: leftovers are swept then, and a folder that can't be written stops the start.</summary>
internal sealed class SpoolSweep(Spool spool) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        using var probe = spool.CreateFolder();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
