using Microsoft.Extensions.Logging;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Residency;

/// <summary>The operator's word on a model's versions. Setting what is set already changes nothing, so that it may be repeated.</summary>
[GrainType("model-residency")]
internal sealed class ModelResidencyGrain(
    [PersistentState("model-residency", GrainStorageNames.Default)]
        IPersistentState<ModelResidencyState> state,
    ILogger<ModelResidencyGrain> logger
) : Grain, IModelResidencyGrain
{
    private DurableState<ModelResidencyState>? _state;

    private DurableState<ModelResidencyState> State =>
        _state ??= new DurableState<ModelResidencyState>(state, GrainContext, logger);

    public Task<bool> IsAllowedAsync(int version, CancellationToken cancellationToken) =>
        Task.FromResult(!State.Current.Unloaded.Contains(version));

    public Task SetAsync(int version, bool allowed, CancellationToken cancellationToken)
    {
        var unloaded = State.Current.Unloaded;
        if (unloaded.Contains(version) != allowed)
            return Task.CompletedTask;
        return State.CommitAsync(
            State.Current with
            {
                Unloaded = allowed
                    ? [.. unloaded.Where(other => other != version)]
                    : [.. unloaded, version],
            }
        );
    }
}
