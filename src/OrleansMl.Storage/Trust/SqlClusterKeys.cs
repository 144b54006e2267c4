using System.Globalization;
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
        await InsertAsync(FirstId, cancellationToken);
        return await SelectAsync(cancellationToken);
    }

    public async Task<string?> AddAsync(string newest, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(newest);
        var next = $"k{Number(newest) + 1}";
        var secret = await InsertAsync(next, cancellationToken);
        // The write may be repeated after its first try was carried out: whose the key is, its secret tells.
        return (await SelectAsync(cancellationToken)).Any(key =>
            key.Id == next && key.Secret.Span.SequenceEqual(secret)
        )
            ? next
            : null;
    }

    public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "remove a key of the cluster",
            (connection, token) =>
                connection.RunAsync(
                    "DELETE FROM oml_cluster_key WHERE id = @id",
                    token,
                    ("id", id)
                ),
            cancellationToken
        );

    private async Task<byte[]> InsertAsync(string id, CancellationToken cancellationToken)
    {
        var secret = RandomNumberGenerator.GetBytes(SecretBytes);
        await database.ExecuteAsync(
            "make a key of the cluster",
            (connection, token) =>
                connection.RunAsync(
                    "INSERT INTO oml_cluster_key (id, secret, created_ticks) VALUES (@id, @secret, @created) ON CONFLICT (id) DO NOTHING",
                    token,
                    ("id", id),
                    ("secret", Convert.ToBase64String(secret)),
                    ("created", time.GetUtcNow().UtcTicks)
                ),
            cancellationToken
        );
        return secret;
    }

    private async Task<IReadOnlyList<ClusterKey>> SelectAsync(
        CancellationToken cancellationToken
    ) => [.. (await ReadAllAsync(cancellationToken)).OrderByDescending(key => Number(key.Id))];

    private Task<List<ClusterKey>> ReadAllAsync(CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "read the cluster's keys",
            (connection, token) =>
                connection.QueryAsync(
                    "SELECT id, secret, created_ticks FROM oml_cluster_key",
                    row => new ClusterKey(
                        row.GetString(0),
                        Convert.FromBase64String(row.GetString(1)),
                        new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero)
                    ),
                    token
                ),
            cancellationToken
        );

    private static int Number(string id) =>
        int.Parse(id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
}
