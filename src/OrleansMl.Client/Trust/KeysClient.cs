using OrleansMl.Contracts.Serving.Limits;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Client.Trust;

/// <summary>API keys and the audit log, for administrators.</summary>
public sealed class KeysClient
{
    private readonly GatewayTransport _transport;

    internal KeysClient(GatewayTransport transport) => _transport = transport;

    /// <summary>All keys, oldest first, revoked and expired ones too.</summary>
    /// <exception cref="OrleansMlException"><c>forbidden</c> for whoever is no administrator; or no answer.</exception>
    public Task<IReadOnlyList<ApiKeySnapshot>> ListAsync(
        CancellationToken cancellationToken = default
    ) => _transport.SendAsync<IReadOnlyList<ApiKeySnapshot>>(Path().Get(), cancellationToken);

    /// <summary>Makes a key. The answer has its secret, this once; it has none when an earlier try was carried out and its answer lost: rotate the key then.</summary>
    /// <exception cref="OrleansMlException"><c>invalid_input</c>; <c>conflict</c> when the name is taken; or no answer.</exception>
    public Task<ApiKeyAnswer> CreateAsync(
        ApiKeyRequest request,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        return _transport.SendAsync<ApiKeyAnswer>(
            Path().Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Json(
                    request with
                    {
                        CommandId = request.CommandId ?? NewCommand(),
                    }
                ),
            },
            cancellationToken
        );
    }

    /// <summary>Replaces a key's secret.</summary>
    /// <param name="id">The key's id.</param>
    /// <param name="grace">How long the old secret is still taken; null: a day.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such key; <c>conflict</c> when it is revoked or expired; or no answer.</exception>
    public Task<ApiKeyAnswer> RotateAsync(
        string id,
        TimeSpan? grace = null,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<ApiKeyAnswer>(
            Path().Add(id, "rotate").Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Json(
                    new ApiKeyRotationRequest
                    {
                        GraceSeconds = grace?.TotalSeconds,
                        CommandId = NewCommand(),
                    }
                ),
            },
            cancellationToken
        );

    /// <summary>Revokes a key; the answer says on which silos it holds already.</summary>
    /// <exception cref="OrleansMlException">No such key, or no answer.</exception>
    public Task<ApiKeyAnswer> RevokeAsync(
        string id,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<ApiKeyAnswer>(
            Path().Add(id).With("commandId", NewCommand()).Call(HttpMethod.Delete),
            cancellationToken
        );

    /// <summary>Replaces what a key may use, in the whole cluster.</summary>
    /// <param name="id">The key's id.</param>
    /// <param name="limits">The limits; null: the cluster's default.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such key; <c>invalid_input</c> for a limit out of range; or no answer.</exception>
    public Task<ApiKeyAnswer> SetLimitsAsync(
        string id,
        LimitPolicy? limits,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<ApiKeyAnswer>(
            Path().Add(id, "limits").Call(HttpMethod.Put) with
            {
                Content = GatewayContent.Json(
                    new KeyLimitRequest { Limits = limits, CommandId = NewCommand() }
                ),
            },
            cancellationToken
        );

    /// <summary>What a key has used today and this month, its limits and what is left.</summary>
    /// <param name="id">The key's id; null: the key that asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such key, or no answer; <c>not_found</c> too when the key that asks has no limits.</exception>
    public Task<UsageAnswer> UsageAsync(
        string? id = null,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<UsageAnswer>(
            (id is null ? new GatewayPath("api/v1/usage") : Path().Add(id, "usage")).Get(),
            cancellationToken
        );

    /// <summary>A page of the audit log, newest first.</summary>
    /// <param name="actor">Exactly this actor; null: any.</param>
    /// <param name="action">Actions that begin so; null: any.</param>
    /// <param name="subject">Subjects that begin so; null: any.</param>
    /// <param name="before">Records older than this id; null: the newest.</param>
    /// <param name="limit">1 to 500.</param>
    /// <param name="request">Exactly this request's id; null: any.</param>
    /// <param name="from">Not before this time; null: any.</param>
    /// <param name="to">Not after this time; null: any.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException"><c>forbidden</c> for whoever is no administrator; or no answer.</exception>
    public Task<AuditPage> AuditAsync(
        string? actor = null,
        string? action = null,
        string? subject = null,
        long? before = null,
        int limit = 100,
        string? request = null,
        DateTimeOffset? from = null,
        DateTimeOffset? to = null,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<AuditPage>(
            new GatewayPath("api/v1/audit")
                .With("actor", actor)
                .With("action", action)
                .With("subject", subject)
                .With("before", before)
                .With("limit", limit)
                .With("request", request)
                .With("from", from?.ToString("O"))
                .With("to", to?.ToString("O"))
                .Get(),
            cancellationToken
        );

    private static GatewayPath Path() => new("api/v1/keys");

    private string NewCommand() => CommandId.New(_transport.Options.TimeProvider);
}
