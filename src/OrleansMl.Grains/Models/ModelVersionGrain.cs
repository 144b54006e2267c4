using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Operations;
using OrleansMl.Grains.Training;

namespace OrleansMl.Grains.Models;

/// <summary>Keeps one version's record, so that the model's own state stays small.</summary>
[GrainType("model-version")]
internal sealed class ModelVersionGrain : Grain, IModelVersionGrain
{
    private const int SourceLength = 500;
    private readonly DurableState<ModelVersionState> _state;
    private readonly CatalogPublisher _catalog;

    public ModelVersionGrain(
        [PersistentState("model-version", GrainStorageNames.Default)]
            IPersistentState<ModelVersionState> state,
        ICatalog catalog,
        ILogger<ModelVersionGrain> logger
    )
    {
        _state = new DurableState<ModelVersionState>(state, GrainContext, logger);
        _catalog = new CatalogPublisher(this, catalog, logger);
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.Version is { } version)
            await _catalog.PublishAsync(() => Row(version));
    }

    public async Task CreateAsync(ModelVersionSnapshot version, CancellationToken cancellationToken)
    {
        if (version.Id.ToString() != this.GetPrimaryKeyString())
            throw new InvalidInputException(
                $"model version {this.GetPrimaryKeyString()}: expected its own record, got that of {version.Id}."
            );
        if (_state.Current.Version is { } there)
        {
            if (there.Onnx != version.Onnx || there.CreatedAt != version.CreatedAt)
                throw new ConflictException(
                    $"model version {version.Id} is there already, with ONNX file {there.Onnx}; versions never change."
                );
            return;
        }
        await _state.CommitAsync(new ModelVersionState { Version = version });
        await _catalog.PublishAsync(() => Row(version));
    }

    public Task<ModelVersionSnapshot?> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_state.Current.Version);

    private static CatalogChange Row(ModelVersionSnapshot version)
    {
        var (split, metrics) = HeadlineScores.Of(version.Evaluations);
        return CatalogChange.Upsert(
            CatalogPublisher.Row(
                CatalogKinds.ModelVersion,
                version.Id.ToString(),
                "",
                version.CreatedAt,
                new ModelVersionSummary
                {
                    Id = version.Id,
                    Task = version.Signature.Task,
                    Dataset = version.Lineage.Dataset,
                    Run = version.Lineage.Run,
                    Source = version.Lineage.Source is { Length: > SourceLength } source
                        ? source[..SourceLength]
                        : version.Lineage.Source,
                    Split = split,
                    Metrics = metrics,
                    Promoted = version.Promotion?.Promoted,
                    CreatedAt = version.CreatedAt,
                    RegisteredBy = version.RegisteredBy,
                }
            )
        );
    }
}
