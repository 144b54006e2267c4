using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Trust;

namespace OrleansMl.Gateway.Tests.Trust;

/// <summary>Keys of a test's world; as on a cluster, a change reaches the gateways' copies before it is answered.</summary>
internal sealed class WorldKeyRingGrain(KeyRingWorld world) : Grain, IApiKeyRingGrain
{
    public Task<ApiKeyRing> GetAsync(CancellationToken cancellationToken) =>
        world.Down
            ? throw new UnavailableException("The ring is away.")
            : Task.FromResult(world.Ring);

    public Task<ApiKeyOutcome> CreateAsync(
        ApiKeyChange change,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            world.Change(
                change.Id,
                _ => new ApiKeyCredential
                {
                    Digest = change.Digest,
                    Key = new ApiKeySnapshot
                    {
                        Id = change.Id,
                        Name = change.Name,
                        Roles = change.Roles,
                        Models = change.Models,
                        CreatedAt = DateTimeOffset.UnixEpoch,
                        ExpiresAt = change.ExpiresAt,
                        Limits = change.Limits,
                    },
                }
            )
        );

    public Task<ApiKeyOutcome> RotateAsync(
        ApiKeyChange change,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            world.Change(
                change.Id,
                old =>
                    old! with
                    {
                        Digest = change.Digest,
                        PreviousDigest = old.Digest,
                        Key = old.Key with
                        {
                            PreviousUntil = world.Time.GetUtcNow() + change.Grace,
                        },
                    }
            )
        );

    public Task<ApiKeyOutcome> RevokeAsync(
        ApiKeyChange change,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            world.Change(
                change.Id,
                old => old! with { Key = old.Key with { RevokedAt = world.Time.GetUtcNow() } }
            )
        );

    public Task<ApiKeyOutcome> LimitAsync(
        ApiKeyChange change,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            world.Change(
                change.Id,
                old => old! with { Key = old.Key with { Limits = change.Limits } }
            )
        );
}
