using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Client.Serving.Events;

/// <summary>A consumer group or a subscription of a topic.</summary>
public sealed class ConsumerGroupClient
{
    private readonly GatewayTransport _transport;
    private readonly string _topic;
    private readonly string _name;
    private readonly string _kind;

    internal ConsumerGroupClient(
        GatewayTransport transport,
        string topic,
        string name,
        bool isSubscription
    )
    {
        _transport = transport;
        _topic = topic;
        _name = name;
        _kind = isSubscription ? "subscriptions" : "groups";
    }

    /// <summary>Makes the group, or changes how it is served.</summary>
    /// <exception cref="OrleansMlException"><c>invalid_input</c>, <c>not_found</c> for an unknown topic, <c>conflict</c> for a name that is taken; or no answer.</exception>
    public Task<ConsumerGroupSnapshot> PutAsync(
        ConsumerGroupSpec spec,
        CancellationToken cancellationToken = default
    ) =>
        SendAsync<ConsumerGroupSnapshot>(
            new GatewayPath("api/v1/topics").Add(_topic).Add("groups").Add(_name),
            HttpMethod.Put,
            GatewayContent.Json(spec),
            cancellationToken
        );

    /// <summary>Makes the subscription, or changes what it does.</summary>
    /// <exception cref="OrleansMlException"><c>invalid_input</c>, <c>not_found</c> for an unknown topic, <c>conflict</c> for a name that is taken or events led in a circle; or no answer.</exception>
    public Task<ConsumerGroupSnapshot> PutAsync(
        SubscriptionSpec spec,
        CancellationToken cancellationToken = default
    ) => PutSubscriptionAsync(GatewayContent.Json(spec), cancellationToken);

    /// <summary>As <see cref="PutAsync(SubscriptionSpec, CancellationToken)"/>, from YAML.</summary>
    /// <exception cref="OrleansMlException">As there.</exception>
    public Task<ConsumerGroupSnapshot> PutAsync(
        string yaml,
        CancellationToken cancellationToken = default
    ) => PutSubscriptionAsync(GatewayContent.Yaml(yaml), cancellationToken);

    /// <summary>Where it stands.</summary>
    /// <exception cref="OrleansMlException">No such group, or no answer.</exception>
    public Task<ConsumerGroupSnapshot> GetAsync(CancellationToken cancellationToken = default) =>
        SendAsync<ConsumerGroupSnapshot>(Path(), HttpMethod.Get, null, cancellationToken);

    /// <summary>The groups of the topic, by name.</summary>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public async Task<IReadOnlyList<ConsumerGroupSnapshot>> SiblingsAsync(
        CancellationToken cancellationToken = default
    ) =>
        (
            await SendAsync<ConsumerGroupList>(
                new GatewayPath("api/v1/topics").Add(_topic).Add("groups"),
                HttpMethod.Get,
                null,
                cancellationToken
            )
        ).Groups;

    /// <summary>Deletes it with its dead letters.</summary>
    /// <exception cref="OrleansMlException">No answer.</exception>
    public async Task DeleteAsync(CancellationToken cancellationToken = default)
    {
        using var _ = await _transport.SendAsync(Path().Call(HttpMethod.Delete), cancellationToken);
    }

    /// <summary>Delivers nothing until it is resumed.</summary>
    /// <exception cref="OrleansMlException">No such group, or no answer.</exception>
    public Task<ConsumerGroupSnapshot> PauseAsync(
        string reason = "",
        CancellationToken cancellationToken = default
    ) =>
        PostAsync<ConsumerGroupSnapshot>(
            "pause",
            new PauseRequest { Reason = reason },
            cancellationToken
        );

    /// <summary>Goes on where it was.</summary>
    /// <exception cref="OrleansMlException">No such group, or no answer.</exception>
    public Task<ConsumerGroupSnapshot> ResumeAsync(CancellationToken cancellationToken = default) =>
        SendAsync<ConsumerGroupSnapshot>(
            Path().Add("resume"),
            HttpMethod.Post,
            null,
            cancellationToken
        );

    /// <summary>Consumes anew from a position or a time.</summary>
    /// <param name="position"><c>earliest</c>, <c>latest</c>, a time (ISO 8601) or positions.</param>
    /// <param name="recompute">Subscriptions: answer events again that were answered, as new events.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such group, no position, or no answer.</exception>
    public Task<ConsumerGroupSnapshot> SeekAsync(
        string position,
        bool recompute = false,
        CancellationToken cancellationToken = default
    ) =>
        PostAsync<ConsumerGroupSnapshot>(
            "seek",
            new SeekRequest { Position = position, Recompute = recompute },
            cancellationToken
        );

    /// <summary>Dead letters, oldest first.</summary>
    /// <exception cref="OrleansMlException">No answer.</exception>
    public async Task<IReadOnlyList<DeadLetter>> DeadAsync(
        int offset = 0,
        int limit = 100,
        CancellationToken cancellationToken = default
    ) =>
        (
            await SendAsync<DeadLetterPage>(
                Path().Add("dead").With("offset", offset).With("limit", limit),
                HttpMethod.Get,
                null,
                cancellationToken
            )
        ).Letters;

    /// <summary>Lets dead letters be tried again; none named means all.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="OrleansMlException">An id is none, or no answer.</exception>
    public Task<long> RetryDeadAsync(
        IReadOnlyList<string>? ids = null,
        CancellationToken cancellationToken = default
    ) => OnDeadAsync("retry", ids, cancellationToken);

    /// <summary>Removes dead letters; none named means all.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="OrleansMlException">An id is none, or no answer.</exception>
    public Task<long> DiscardDeadAsync(
        IReadOnlyList<string>? ids = null,
        CancellationToken cancellationToken = default
    ) => OnDeadAsync("discard", ids, cancellationToken);

    /// <summary>Fetches events of the partitions that are the consumer's; they come again until they are acknowledged.</summary>
    /// <exception cref="OrleansMlException">No such group, or no answer.</exception>
    public Task<FetchAnswer> FetchAsync(
        FetchRequest request,
        CancellationToken cancellationToken = default
    ) => PostAsync<FetchAnswer>("fetch", request, cancellationToken);

    /// <summary>Acknowledges what was done.</summary>
    /// <exception cref="OrleansMlException"><c>conflict</c> when another consumer has the partition; or no answer.</exception>
    public Task<ConsumerGroupSnapshot> AckAsync(
        AckRequest request,
        CancellationToken cancellationToken = default
    ) => PostAsync<ConsumerGroupSnapshot>("ack", request, cancellationToken);

    /// <summary>Says that an event failed.</summary>
    /// <exception cref="OrleansMlException"><c>conflict</c> when another consumer has the partition; or no answer.</exception>
    public Task<NackAnswer> NackAsync(
        NackRequest request,
        CancellationToken cancellationToken = default
    ) => PostAsync<NackAnswer>("nack", request, cancellationToken);

    private Task<ConsumerGroupSnapshot> PutSubscriptionAsync(
        Func<HttpContent> content,
        CancellationToken cancellationToken
    ) =>
        SendAsync<ConsumerGroupSnapshot>(
            new GatewayPath("api/v1/topics").Add(_topic).Add("subscriptions").Add(_name),
            HttpMethod.Put,
            content,
            cancellationToken
        );

    private async Task<long> OnDeadAsync(
        string verb,
        IReadOnlyList<string>? ids,
        CancellationToken cancellationToken
    ) =>
        (
            await SendAsync<DeadLetterCount>(
                Path().Add("dead").Add(verb),
                HttpMethod.Post,
                GatewayContent.Json(new DeadLetterSelection { Ids = ids ?? [] }),
                cancellationToken
            )
        ).Letters;

    private Task<T> PostAsync<T>(
        string verb,
        object request,
        CancellationToken cancellationToken
    ) =>
        SendAsync<T>(
            Path().Add(verb),
            HttpMethod.Post,
            GatewayContent.Json(request),
            cancellationToken
        );

    private Task<T> SendAsync<T>(
        GatewayPath path,
        HttpMethod method,
        Func<HttpContent>? content,
        CancellationToken cancellationToken
    ) => _transport.SendAsync<T>(path.Call(method) with { Content = content }, cancellationToken);

    private GatewayPath Path() =>
        new GatewayPath("api/v1/topics").Add(_topic).Add(_kind).Add(_name);
}
