using System.Collections.Concurrent;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Core.Serving.Statistics;

namespace OrleansMl.Gateway.Tests.Operations;

/// <summary>Which versions are loaded and unloaded, and what they did, as tests say.</summary>
public sealed class WorldResidency : IModelResidency, IServingStatistics
{
    public ConcurrentDictionary<ModelVersionId, ModelResidence> Resident { get; } = new();

    public ConcurrentDictionary<ModelVersionId, bool> Unloaded { get; } = new();

    public ConcurrentDictionary<ModelVersionId, VersionStatistics> Statistics { get; } = new();

    public Task<IReadOnlyList<ModelResidence>> LoadAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    )
    {
        Unloaded.TryRemove(version, out _);
        Resident[version] = new ModelResidence
        {
            Version = version,
            Silo = "silo-1",
            State = ModelResidenceState.Ready,
        };
        return Task.FromResult<IReadOnlyList<ModelResidence>>([Resident[version]]);
    }

    public Task UnloadAsync(ModelVersionId version, CancellationToken cancellationToken)
    {
        Unloaded[version] = true;
        Resident.TryRemove(version, out _);
        return Task.CompletedTask;
    }

    public ValueTask<bool> IsAllowedAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) => new(!Unloaded.ContainsKey(version));

    public Task<IReadOnlyList<ModelResidence>> IndexAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ModelResidence>>([.. Resident.Values]);

    public Task<VersionStatistics> GetAsync(
        ModelVersionId version,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            Statistics.GetValueOrDefault(version) ?? new VersionStatistics { Version = version }
        );

    public Task<IReadOnlyList<VersionStatistics>> ListAsync(
        string? model,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<VersionStatistics>>([
            .. Statistics
                .Values.Where(of => model is null || of.Version.Name == model)
                .OrderBy(of => of.Version.ToString(), StringComparer.Ordinal),
        ]);
}
