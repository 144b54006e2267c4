using OrleansMl.Contracts.Trust;

namespace OrleansMl.Client.Trust;

/// <summary>Tokens with which an Orleans client calls grains.</summary>
public sealed class TokensClient
{
    private readonly GatewayTransport _transport;

    internal TokensClient(GatewayTransport transport) => _transport = transport;

    /// <summary>A token that permits what this client's key or token may, or less.</summary>
    /// <param name="request">What it is to permit. Default: all that this client may.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException"><c>forbidden</c> when more is asked for than this client may; or no answer.</exception>
    public Task<ClusterTokenAnswer> IssueAsync(
        ClusterTokenRequest? request = null,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<ClusterTokenAnswer>(
            new GatewayPath("api/v1/cluster-tokens").Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Json(request ?? new ClusterTokenRequest()),
            },
            cancellationToken
        );

    /// <summary>Replaces the key that signs tokens; those of the old one are good until they expire. For administrators.</summary>
    /// <exception cref="OrleansMlException"><c>conflict</c> when it was just replaced, by an earlier try too; or no answer.</exception>
    public Task<ClusterKeyAnswer> RotateKeyAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync<ClusterKeyAnswer>(
            new GatewayPath("api/v1/cluster-tokens").Add("key", "rotate").Call(HttpMethod.Post),
            cancellationToken
        );
}
