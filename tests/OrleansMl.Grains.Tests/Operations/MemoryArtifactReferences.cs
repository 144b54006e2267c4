using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;

namespace OrleansMl.Grains.Tests.Operations;

internal sealed class MemoryArtifactReferences(FaultPlan faults) : IArtifactReferences
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<ArtifactId>> _owners = [];

    public IReadOnlySet<ArtifactId> Of(string owner)
    {
        lock (_gate)
            return _owners.TryGetValue(owner, out var held)
                ? held.ToHashSet()
                : new HashSet<ArtifactId>();
    }

    public Task AddAsync(
        string owner,
        IReadOnlyCollection<ArtifactId> artifacts,
        CancellationToken cancellationToken
    ) => Apply($"references {owner}", held => held.UnionWith(artifacts), owner);

    public Task RemoveAsync(
        string owner,
        IReadOnlyCollection<ArtifactId> artifacts,
        CancellationToken cancellationToken
    ) => Apply($"references {owner}", held => held.ExceptWith(artifacts), owner);

    public Task ReleaseAsync(string owner, CancellationToken cancellationToken) =>
        Apply($"references {owner}", held => held.Clear(), owner);

    public Task<IReadOnlySet<ArtifactId>> FindUnreferencedAsync(
        IReadOnlyCollection<ArtifactId> artifacts,
        CancellationToken cancellationToken
    )
    {
        lock (_gate)
            return Task.FromResult<IReadOnlySet<ArtifactId>>(
                artifacts.Where(id => !_owners.Values.Any(held => held.Contains(id))).ToHashSet()
            );
    }

    private Task Apply(string name, Action<HashSet<ArtifactId>> change, string owner) =>
        faults.ApplyAsync(
            name,
            () =>
            {
                lock (_gate)
                {
                    if (!_owners.TryGetValue(owner, out var held))
                        _owners[owner] = held = [];
                    change(held);
                }
                return Task.CompletedTask;
            }
        );
}
