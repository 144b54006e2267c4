using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Datasets;

/// <summary>Keeps one version's manifest.</summary>
[GrainType("dataset-version")]
internal sealed class DatasetVersionGrain : Grain, IDatasetVersionGrain
{
    private readonly DurableState<DatasetVersionState> _state;

    public DatasetVersionGrain(
        [PersistentState("dataset-version", GrainStorageNames.Default)]
            IPersistentState<DatasetVersionState> state,
        ILogger<DatasetVersionGrain> logger
    ) => _state = new DurableState<DatasetVersionState>(state, GrainContext, logger);

    public async Task CreateAsync(DatasetManifest manifest, CancellationToken cancellationToken)
    {
        if (_state.Current.Manifest is { } there)
        {
            if (
                there.CreatedAt != manifest.CreatedAt
                || !there
                    .Shards.Select(shard => shard.Artifact)
                    .SequenceEqual(manifest.Shards.Select(shard => shard.Artifact))
            )
                throw new ConflictException(
                    $"dataset version {manifest.Id} is there already with other shards; versions never change."
                );
            return;
        }
        await _state.CommitAsync(new DatasetVersionState { Manifest = manifest });
    }

    public Task<DatasetManifest?> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_state.Current.Manifest);

    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        if (_state.Exists)
            await _state.ClearAsync();
    }
}
