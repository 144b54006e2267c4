using Microsoft.AspNetCore.DataProtection.Internal;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace OrleansMl.Console.Trust;

/// <summary>ASP.NET's key manager, told when the cluster's secrets have changed.</summary>
internal sealed class ClusterKeyManager(
    IOptions<KeyManagementOptions> options,
    IActivator activator,
    ClusterKeyRepository repository
) : IKeyManager
{
    private readonly XmlKeyManager _keys = new(options, activator);

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) =>
        _keys.CreateNewKey(activationDate, expirationDate);

    public IReadOnlyCollection<IKey> GetAllKeys() => _keys.GetAllKeys();

    public CancellationToken GetCacheExpirationToken() => repository.Changed;

    public void RevokeKey(Guid keyId, string? reason = null) => _keys.RevokeKey(keyId, reason);

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) =>
        _keys.RevokeAllKeys(revocationDate, reason);
}
