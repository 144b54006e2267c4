using Orleans;
using OrleansMl.Console.Operations;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Core.Serving.Rollout;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Statistics;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Trust;

namespace OrleansMl.Console.Models;

/// <summary>Models as a viewer may see them.</summary>
internal sealed class ModelReader(
    IGrainFactory grains,
    ICatalog catalog,
    IServingStatistics statistics,
    IModelResidency residency,
    ModelRoutes routes,
    VersionWarmUp warmUp,
    TimeProvider time
)
{
    /// <summary>A page of models, newest first.</summary>
    public Task<Listing<ModelSummary>> ListAsync(
        Caller viewer,
        string? prefix,
        int offset,
        int size,
        CancellationToken cancellationToken
    ) =>
        Listing<ModelSummary>.ReadAsync(
            catalog,
            new CatalogQuery(CatalogKinds.Model, [], prefix, offset, size),
            viewer,
            model => model.Name,
            cancellationToken
        );

    /// <summary>A page of a model's versions, newest first.</summary>
    public Task<Listing<ModelVersionSummary>> ListVersionsAsync(
        Caller viewer,
        string model,
        int offset,
        int size,
        CancellationToken cancellationToken
    ) =>
        Listing<ModelVersionSummary>.ReadAsync(
            catalog,
            new CatalogQuery(CatalogKinds.ModelVersion, [], $"{model}@", offset, size),
            viewer,
            version => version.Id.Name,
            cancellationToken
        );

    /// <summary>A model.</summary>
    /// <exception cref="NotFoundException">There is none of this name.</exception>
    /// <exception cref="RequestException">The viewer may not see it.</exception>
    public async Task<ModelSnapshot> FindAsync(
        Caller viewer,
        string model,
        CancellationToken cancellationToken
    )
    {
        QueryReading.Name(model, "model");
        if (!viewer.Models.Permit(model))
            throw viewer.RefuseModel(model);
        return await grains.GetGrain<IModelGrain>(model).GetAsync(cancellationToken)
            ?? throw new NotFoundException($"There is no model '{model}'.");
    }

    /// <summary>One of its versions.</summary>
    /// <exception cref="NotFoundException">There is no such version.</exception>
    public async Task<ModelVersionSnapshot> FindVersionAsync(
        Caller viewer,
        string model,
        int version,
        CancellationToken cancellationToken
    )
    {
        await FindAsync(viewer, model, cancellationToken);
        return await grains.GetGrain<IModelGrain>(model).GetVersionAsync(version, cancellationToken)
            ?? throw new NotFoundException($"There is no model version {model}@{version}.");
    }

    /// <summary>The model and what it does.</summary>
    public async Task<ModelFigures> ReadAsync(
        Caller viewer,
        string name,
        CancellationToken cancellationToken
    )
    {
        var model = await FindAsync(viewer, name, cancellationToken);
        var serving = await grains.GetGrain<IModelServingGrain>(name).GetAsync(cancellationToken);
        var counted = statistics.ListAsync(name, cancellationToken);
        var index = residency.IndexAsync(cancellationToken);
        var traffic = serving.Policy.Traffic is null
            ? null
            : grains.GetGrain<IModelTrafficGrain>(name).GetAsync(cancellationToken);
        var alerts = serving.Policy.Watch is null
            ? null
            : grains.GetGrain<IModelWatchGrain>(name).GetAlertsAsync(cancellationToken);
        return new ModelFigures(
            model,
            serving,
            await counted,
            traffic is null ? null : await traffic,
            [.. (await index).Where(residence => residence.Version.Name == name)],
            alerts is null ? null : await alerts,
            time.GetTimestamp()
        );
    }

    /// <summary>Points an alias at a version, as the API does: every silo that serves is warm before.</summary>
    public async Task MoveAliasAsync(
        string model,
        AliasMove move,
        CancellationToken cancellationToken
    )
    {
        if (move.Version is { } version)
            await warmUp.WarmAsync(new(model, version), cancellationToken);
        await grains.GetGrain<IModelGrain>(model).MoveAliasAsync(move, cancellationToken);
        routes.Invalidate(model);
    }
}
