using System.Collections.Concurrent;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Explanations;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>Versions' profiles on this silo. What one is made of never changes within a revision of the policy, so that a remembered one needs no check. Thread-safe.</summary>
internal sealed class WatchProfiles(IModelSource models, IGrainFactory grains)
    : IExplanationReferences
{
    private static readonly WatchPolicy Unwatched = new();
    private const int MaxRemembered = 1_024;
    private readonly ConcurrentDictionary<
        (ModelVersionId Version, long Revision),
        VersionProfile
    > _profiles = new();

    public Task<VersionProfile> GetAsync(
        ModelVersionId version,
        RouteSnapshot route,
        CancellationToken cancellationToken
    ) => GetAsync(version, route.Serving, cancellationToken);

    /// <summary>The profile of a version under a policy; one that doesn't watch counts as all defaults.</summary>
    /// <exception cref="NotFoundException">No such version.</exception>
    public async Task<VersionProfile> GetAsync(
        ModelVersionId version,
        ServingPolicySnapshot serving,
        CancellationToken cancellationToken
    )
    {
        if (_profiles.TryGetValue((version, serving.Revision), out var known))
            return known;
        var policy = serving.Policy.Watch ?? Unwatched;
        var record =
            await models.FindVersionAsync(version, cancellationToken)
            ?? throw new NotFoundException($"There is no model version {version}.");
        var profile = ProfileBuilder.Build(
            record,
            await FindAsync(policy.Reference ?? record.Lineage.Dataset, cancellationToken),
            policy
        );
        if (_profiles.Count >= MaxRemembered)
            _profiles.Clear();
        _profiles[(version, serving.Revision)] = profile;
        return profile;
    }

    private async Task<DatasetManifest?> FindAsync(
        DatasetVersionId? reference,
        CancellationToken cancellationToken
    ) =>
        reference is { } id
            ? await grains
                .GetGrain<IDatasetGrain>(id.Name)
                .GetVersionAsync(id.Version, cancellationToken)
            : null;
}
