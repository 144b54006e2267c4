using System.Security.Cryptography;
using OrleansMl.Core.Trust;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Trust;

/// <inheritdoc/>
internal sealed class SqlClusterKeys(Database database, TimeProvider time) : IClusterKeys
{
    private const string FirstId = "k1";
    private const int SecretBytes = 32;

    public async Task<IReadOnlyList<ClusterKey>> ReadAsync(CancellationToken cancellationToken)
    {
        var keys = await SelectAsync(cancellationToken);
        if (keys.Count > 0)
            return keys;
        // Of silos that start together one makes it; the others read that one.
        await database.ExecuteAsync(
            "make the cluster's key",
            (connection, token) =>
                connection.RunAsync(
                    "INSERT INTO oml_cluster_key (id, secret, created_ticks) VALUES (@id, @secret, @created) ON CONFLICT (id) DO NOTHING",
                    token,
                    ("id", FirstId),
                    ("secret", Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes))),
                    ("created", time.GetUtcNow().UtcTicks)
                ),
            cancellationToken
        );
        return await SelectAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<ClusterKey>> SelectAsync(
        CancellationToken cancellationToken
    ) =>
        await database.ExecuteAsync(
            "read the cluster's keys",
            (connection, token) =>
                connection.QueryAsync(
                    "SELECT id, secret FROM oml_cluster_key ORDER BY created_ticks DESC, id DESC",
                    row => new ClusterKey(
                        row.GetString(0),
                        Convert.FromBase64String(row.GetString(1))
                    ),
                    token
                ),
            cancellationToken
        );
}
