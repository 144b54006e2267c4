namespace OrleansMl.Contracts.Trust;

/// <summary>The cluster's API keys, one grain. Closed to clients outside the silos: they use the gateway's routes.</summary>
[Alias("oml.IApiKeyRingGrain")]
[ClientAccess(Permission.None)]
public interface IApiKeyRingGrain : IGrainWithStringKey
{
    /// <summary>The one key of this grain.</summary>
    public const string Key = "default";

    /// <summary>All keys.</summary>
    [Alias("Get")]
    Task<ApiKeyRing> GetAsync(CancellationToken cancellationToken);

    /// <summary>Adds a key; durable when this returns.</summary>
    /// <exception cref="InvalidInputException">Name, roles, models or expiry are wrong, or there are too many keys.</exception>
    /// <exception cref="ConflictException">The name is taken by a key that is not revoked.</exception>
    [Alias("Create")]
    Task<ApiKeyOutcome> CreateAsync(ApiKeyChange change, CancellationToken cancellationToken);

    /// <summary>Replaces a key's secret; the old one is taken for the grace time.</summary>
    /// <exception cref="NotFoundException">No such key.</exception>
    /// <exception cref="ConflictException">It is revoked or expired.</exception>
    [Alias("Rotate")]
    Task<ApiKeyOutcome> RotateAsync(ApiKeyChange change, CancellationToken cancellationToken);

    /// <summary>Ends a key, the secret in grace too; on every silo that the answer names as confirmed it is refused from now on.</summary>
    /// <exception cref="NotFoundException">No such key.</exception>
    [Alias("Revoke")]
    Task<ApiKeyOutcome> RevokeAsync(ApiKeyChange change, CancellationToken cancellationToken);

    /// <summary>Replaces what a key may use.</summary>
    /// <exception cref="InvalidInputException">A limit is out of range.</exception>
    /// <exception cref="NotFoundException">No such key.</exception>
    [Alias("Limit")]
    Task<ApiKeyOutcome> LimitAsync(ApiKeyChange change, CancellationToken cancellationToken);
}
