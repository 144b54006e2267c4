using OrleansMl.Contracts.Serving.Schedules;

namespace OrleansMl.Client.Serving;

/// <summary>Schedules: batch scoring at the times of a cron expression.</summary>
public sealed class SchedulesClient
{
    private const string Root = "api/v1/schedules";
    private readonly GatewayTransport _transport;

    internal SchedulesClient(GatewayTransport transport) => _transport = transport;

    /// <summary>Makes a schedule or replaces it; the same document again changes nothing.</summary>
    /// <param name="schedule">Its name, at most 70 characters.</param>
    /// <param name="document">YAML or JSON: cron, time_zone, batch, overlap, misfire and more.</param>
    /// <param name="expected">When given: set only if this is its revision now; 0: there is none.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been set.</param>
    /// <exception cref="OrleansMlException"><c>invalid_config</c> with places in the document, <c>invalid_input</c> where the times are wrong or the batch can't be run, <c>conflict</c> for another revision; or no answer.</exception>
    public Task<BatchScheduleSnapshot> SetAsync(
        string schedule,
        string document,
        long? expected = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(document);
        return _transport.SendAsync<BatchScheduleSnapshot>(
            Path(schedule).With("expected", expected).Call(HttpMethod.Put) with
            {
                Content = GatewayContent.Yaml(document),
            },
            cancellationToken
        );
    }

    /// <summary>Checks a schedule and says when it would fire; nothing is set.</summary>
    /// <param name="document">YAML or JSON.</param>
    /// <param name="count">Firings to tell, 1 to 100.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">The document, its times or its batch is wrong; or no answer.</exception>
    public Task<SchedulePreview> ValidateAsync(
        string document,
        int count = 10,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(document);
        return _transport.SendAsync<SchedulePreview>(
            new GatewayPath(Root).Add("validate").With("count", count).Call(HttpMethod.Post) with
            {
                Content = GatewayContent.Yaml(document),
            },
            cancellationToken
        );
    }

    /// <summary>Schedules, newest first.</summary>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public IAsyncEnumerable<BatchScheduleSummary> ListAsync(
        int limit = int.MaxValue,
        CancellationToken cancellationToken = default
    ) =>
        CatalogPages.ReadAsync<BatchScheduleSummary>(
            _transport,
            () => new GatewayPath(Root),
            limit,
            cancellationToken
        );

    /// <summary>A schedule: its next firings, and what became of the last ones.</summary>
    /// <exception cref="OrleansMlException">No such schedule, or no answer.</exception>
    public Task<BatchScheduleSnapshot> GetAsync(
        string schedule,
        CancellationToken cancellationToken = default
    ) => _transport.SendAsync<BatchScheduleSnapshot>(Path(schedule).Get(), cancellationToken);

    /// <summary>When its next firings are due.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="count">How many, 1 to 100.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OrleansMlException">No such schedule, or no answer.</exception>
    public Task<SchedulePreview> NextAsync(
        string schedule,
        int count = 10,
        CancellationToken cancellationToken = default
    ) =>
        _transport.SendAsync<SchedulePreview>(
            Path(schedule).Add("next").With("count", count).Get(),
            cancellationToken
        );

    /// <summary>Pauses a schedule.</summary>
    /// <exception cref="OrleansMlException">No such schedule, or no answer.</exception>
    public Task<BatchScheduleSnapshot> PauseAsync(
        string schedule,
        CancellationToken cancellationToken = default
    ) => PostAsync<BatchScheduleSnapshot>(Path(schedule).Add("pause"), cancellationToken);

    /// <summary>Lets a paused schedule go on; what was due meanwhile is not made up for.</summary>
    /// <exception cref="OrleansMlException">No such schedule, or no answer.</exception>
    public Task<BatchScheduleSnapshot> ResumeAsync(
        string schedule,
        CancellationToken cancellationToken = default
    ) => PostAsync<BatchScheduleSnapshot>(Path(schedule).Add("resume"), cancellationToken);

    /// <summary>Fires now, whatever the expression says; the overlap policy holds.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="commandId">The same id is the same firing. Default: a new one, kept through all tries.</param>
    /// <param name="cancellationToken">Ends the wait; it may have fired.</param>
    /// <exception cref="OrleansMlException">No such schedule, or no answer.</exception>
    public Task<ScheduleFiring> RunAsync(
        string schedule,
        string? commandId = null,
        CancellationToken cancellationToken = default
    ) =>
        PostAsync<ScheduleFiring>(
            Path(schedule)
                .Add("run")
                .With("commandId", commandId ?? CommandId.New(_transport.Options.TimeProvider)),
            cancellationToken
        );

    /// <summary>Deletes a schedule; its jobs go on.</summary>
    /// <exception cref="OrleansMlException">The cluster refused the call or gave no answer.</exception>
    public async Task DeleteAsync(string schedule, CancellationToken cancellationToken = default)
    {
        using var response = await _transport.SendAsync(
            Path(schedule).Call(HttpMethod.Delete),
            cancellationToken
        );
    }

    private Task<T> PostAsync<T>(GatewayPath path, CancellationToken cancellationToken) =>
        _transport.SendAsync<T>(path.Call(HttpMethod.Post), cancellationToken);

    private static GatewayPath Path(string schedule) => new GatewayPath(Root).Add(schedule);
}
