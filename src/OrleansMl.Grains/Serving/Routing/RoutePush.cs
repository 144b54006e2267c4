using Microsoft.Extensions.Logging;
using Orleans.Runtime.MembershipService.SiloMetadata;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Operations;

namespace OrleansMl.Grains.Serving.Routing;

/// <summary>Tells every silo that a model's routes changed, so that they follow at once. A silo that isn't reached follows by its own asking, within <c>Routing:RefreshSeconds</c>.</summary>
internal sealed partial class RoutePush(
    IGrainFactory grains,
    IClusterMembershipService membership,
    ISiloMetadataCache metadata,
    TimeProvider time,
    ILogger<RoutePush> logger
)
{
    // Longer than a healthy silo needs by far, and shorter than a caller would mind.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Returns when all have been told, or after a second.</summary>
    public Task SendAsync(string model) =>
        SendAsync(model, silo => silo.ChangedAsync(model, CancellationToken.None));

    /// <summary>Tells that a version was unloaded; returns as <see cref="SendAsync(string)"/>.</summary>
    public Task SendUnloadedAsync(ModelVersionId version) =>
        SendAsync(version.Name, silo => silo.UnloadedAsync(version, CancellationToken.None));

    private Task SendAsync(string model, Func<ISiloRoutesGrain, Task> tell)
    {
        var silos = membership
            .CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active)
            .Select(member =>
                metadata
                    .GetSiloMetadata(member.SiloAddress)
                    .Metadata.GetValueOrDefault(SiloMetadataKeys.Name)
            )
            .OfType<string>()
            .Distinct();
        return Task.WhenAll(silos.Select(silo => SendAsync(silo, model, tell)));
    }

    private async Task SendAsync(string silo, string model, Func<ISiloRoutesGrain, Task> tell)
    {
        try
        {
            await tell(grains.GetGrain<ISiloRoutesGrain>(silo)).WaitAsync(Patience, time);
        }
        catch (Exception error)
        {
            // The change is durable, and the silo finds it by itself.
            LogNotTold(silo, model, error.Message);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Silo {Silo} could not be told of a change of model {Model}; it follows within its refresh time: {Error}"
    )]
    private partial void LogNotTold(string silo, string model, string error);
}
