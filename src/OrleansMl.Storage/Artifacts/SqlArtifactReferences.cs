using System.Text.Json;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Artifacts;

/// <inheritdoc/>
internal sealed class SqlArtifactReferences(Database database) : IArtifactReferences
{
    /// <summary>Artifacts a statement; a larger set takes several, in one transaction.</summary>
    private const int BatchSize = 1000;

    public Task AddAsync(
        string owner,
        IReadOnlyCollection<ArtifactId> artifacts,
        CancellationToken cancellationToken
    ) =>
        ForEachBatchAsync(
            "add artifact references",
            $"INSERT INTO oml_artifact_reference (owner, artifact) {database.SelectFromJsonArray("@owner", "@artifacts")} ON CONFLICT DO NOTHING",
            owner,
            artifacts,
            cancellationToken
        );

    public Task RemoveAsync(
        string owner,
        IReadOnlyCollection<ArtifactId> artifacts,
        CancellationToken cancellationToken
    ) =>
        ForEachBatchAsync(
            "remove artifact references",
            $"DELETE FROM oml_artifact_reference WHERE owner = @owner AND {database.InJsonArray("artifact", "@artifacts")}",
            owner,
            artifacts,
            cancellationToken
        );

    public Task ReleaseAsync(string owner, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            "release artifact references",
            (connection, token) =>
                connection.RunAsync(
                    "DELETE FROM oml_artifact_reference WHERE owner = @owner",
                    token,
                    ("owner", owner)
                ),
            cancellationToken
        );

    public async Task<IReadOnlySet<ArtifactId>> FindUnreferencedAsync(
        IReadOnlyCollection<ArtifactId> artifacts,
        CancellationToken cancellationToken
    )
    {
        var unreferenced = artifacts.ToHashSet();
        foreach (var batch in artifacts.Chunk(BatchSize))
        {
            var referenced = await database.ExecuteAsync(
                "read artifact references",
                (connection, token) =>
                    connection.QueryAsync(
                        $"SELECT DISTINCT artifact FROM oml_artifact_reference WHERE {database.InJsonArray("artifact", "@artifacts")}",
                        row => ArtifactId.Parse(row.GetString(0)),
                        token,
                        ("artifacts", ToJson(batch))
                    ),
                cancellationToken
            );
            unreferenced.ExceptWith(referenced);
        }
        return unreferenced;
    }

    private Task<int> ForEachBatchAsync(
        string what,
        string sql,
        string owner,
        IReadOnlyCollection<ArtifactId> artifacts,
        CancellationToken cancellationToken
    ) =>
        database.TransactAsync(
            what,
            async (connection, token) =>
            {
                foreach (var batch in artifacts.Chunk(BatchSize))
                {
                    await connection.RunAsync(
                        sql,
                        token,
                        ("owner", owner),
                        ("artifacts", ToJson(batch))
                    );
                }
                return 0;
            },
            cancellationToken
        );

    private static string ToJson(IEnumerable<ArtifactId> artifacts) =>
        JsonSerializer.Serialize(artifacts.Select(id => id.Hex));
}
