using System.Runtime.CompilerServices;
using OrleansMl.Contracts.Operations;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Client.Training;

/// <summary>Training runs.</summary>
public sealed class RunsClient
{
    private readonly GatewayTransport _transport;

    internal RunsClient(GatewayTransport transport) => _transport = transport;

    /// <summary>Submits a run; it is durable when this returns.</summary>
    /// <param name="yaml">The configuration.</param>
    /// <param name="runId">The run's id: the same id with the same configuration is the same run. Default: a new one, kept through all tries.</param>
    /// <param name="cancellationToken">Ends the wait; the run may have been accepted.</param>
    /// <exception cref="OrleansMlException"><c>invalid_config</c> with places in the YAML, <c>conflict</c> for an id taken by another configuration, <c>not_found</c> for an unknown dataset, <c>overloaded</c> for a full queue; or no answer.</exception>
    public Task<TrainingRunSnapshot> SubmitAsync(
        string yaml,
        TrainingRunId? runId = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(yaml);
        var id = runId?.Value ?? CommandId.New(_transport.Options.TimeProvider);
        return _transport.SendAsync<TrainingRunSnapshot>(
            new GatewayPath("api/v1/runs").With("runId", id).Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Yaml(yaml),
            },
            cancellationToken
        );
    }

    /// <summary>A run.</summary>
    /// <exception cref="OrleansMlException">No such run, or no answer.</exception>
    public Task<TrainingRunSnapshot> GetAsync(
        TrainingRunId run,
        CancellationToken cancellationToken = default
    ) => _transport.SendAsync<TrainingRunSnapshot>(Path(run).Get(), cancellationToken);

    /// <summary>Runs, newest first.</summary>
    /// <param name="phases">Only these; none means all.</param>
    /// <param name="limit">The most that come.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public IAsyncEnumerable<TrainingRunSummary> ListAsync(
        IReadOnlyCollection<TrainingRunPhase>? phases = null,
        int limit = int.MaxValue,
        CancellationToken cancellationToken = default
    ) =>
        CatalogPages.ReadAsync<TrainingRunSummary>(
            _transport,
            () =>
            {
                var path = new GatewayPath("api/v1/runs");
                foreach (var phase in phases ?? [])
                    path.With("status", char.ToLowerInvariant($"{phase}"[0]) + $"{phase}"[1..]);
                return path;
            },
            limit,
            cancellationToken
        );

    /// <summary>Metric points of a run by step, evenly thinned.</summary>
    /// <param name="run">The run.</param>
    /// <param name="series"><c>step</c>, <c>train</c>, <c>validation</c> or <c>test</c>; null means all.</param>
    /// <param name="limit">1 to 10,000.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such run, or no answer.</exception>
    public Task<IReadOnlyList<MetricPoint>> MetricsAsync(
        TrainingRunId run,
        string? series = null,
        int limit = 1000,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<IReadOnlyList<MetricPoint>>(
            Path(run).Add("metrics").With("series", series).With("limit", limit).Get(),
            cancellationToken
        );

    /// <summary>
    /// A run's events: its present state first, its final state last. Connections that break are opened anew, at another
    /// endpoint where there is one; metric points missed meanwhile come with the next event.
    /// </summary>
    /// <exception cref="OrleansMlException">No such run; or the stream broke <see cref="OrleansMlClientOptions.MaxRetries"/> times on end without news.</exception>
    public async IAsyncEnumerable<TrainingEvent> WatchAsync(
        TrainingRunId run,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var call = Path(run).Add("events").Get();
        var retry = new StreamRetry(_transport, call.ToString());
        var sequence = 0L;
        while (true)
        {
            string? failure = null;
            await using (
                var stream = await EventStream.OpenAsync(_transport, call, cancellationToken)
            )
            {
                while (failure is null && await stream.ReadAsync() is { } item)
                {
                    switch (item.EventType)
                    {
                        case "update":
                            var update = stream.Parse<TrainingEvent>(item);
                            sequence = update.Sequence;
                            call = call with { LastEventId = stream.LastEventId };
                            retry.Reset();
                            yield return update;
                            break;
                        case "end":
                            yield return new TrainingEvent
                            {
                                Sequence = sequence + 1,
                                Run = stream.Parse<TrainingRunSnapshot>(item),
                            };
                            yield break;
                        case "error":
                            var error = GatewayFailure.Of(null, stream.Parse<ApiError>(item));
                            if (error.Code is OrleansMlErrorCodes.NotFound)
                                throw error;
                            failure = error.Message;
                            break;
                    }
                }
                failure ??= stream.Failure;
            }
            await retry.WaitAsync(failure, cancellationToken);
        }
    }

    /// <summary>Watches a run until it has ended.</summary>
    /// <returns>Its final state.</returns>
    /// <exception cref="OrleansMlException">As <see cref="WatchAsync"/>.</exception>
    public async Task<TrainingRunSnapshot> WaitAsync(
        TrainingRunId run,
        CancellationToken cancellationToken = default
    )
    {
        TrainingRunSnapshot? last = null;
        await foreach (var e in WatchAsync(run, cancellationToken))
            last = e.Run;
        return last!;
    }

    /// <summary>Asks a run to stop; one that has ended stays as it is.</summary>
    /// <exception cref="OrleansMlException">No such run, or no answer.</exception>
    public Task<TrainingRunSnapshot> CancelAsync(
        TrainingRunId run,
        CancellationToken cancellationToken = default
    ) => PostAsync(run, "cancel", cancellationToken);

    /// <summary>Queues a failed or cancelled run again, from its last checkpoint.</summary>
    /// <exception cref="OrleansMlException"><c>conflict</c> when the run is neither failed nor cancelled; no such run, or no answer.</exception>
    public Task<TrainingRunSnapshot> ResumeAsync(
        TrainingRunId run,
        CancellationToken cancellationToken = default
    ) => PostAsync(run, "resume", cancellationToken);

    /// <summary>Runs beside each other, scored on the same rows.</summary>
    /// <param name="runs">2 to 50 runs.</param>
    /// <param name="split"><c>test</c>, <c>validation</c> or <c>train</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException"><c>not_comparable</c> unless all scored the same split of the same dataset version; no such run, or no answer.</exception>
    public Task<RunComparison> CompareAsync(
        IEnumerable<TrainingRunId> runs,
        string split = "test",
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<RunComparison>(
            new GatewayPath("api/v1/runs/compare")
                .With("ids", string.Join(',', runs))
                .With("split", split)
                .Get(),
            cancellationToken
        );

    private Task<TrainingRunSnapshot> PostAsync(
        TrainingRunId run,
        string verb,
        CancellationToken cancellationToken
    ) =>
        _transport.SendAsync<TrainingRunSnapshot>(
            Path(run).Add(verb).Call(HttpMethod.Post),
            cancellationToken
        );

    private static GatewayPath Path(TrainingRunId run) =>
        new GatewayPath("api/v1/runs").Add(run.Value);
}
