using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Watching;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>
/// Adds the silos' counts of a model's calls. Open windows are in memory, and silos report them whole until they are durable; a closed
/// one is written once, with the alerts that it raised and cleared and the notices of them that are still to be published.
/// </summary>
[GrainType("model-watch")]
internal sealed partial class ModelWatchGrain : Grain, IModelWatchGrain
{
    private readonly DurableState<ModelWatchState> _state;
    private readonly AlertNotices _notices;
    private readonly ModelRoutes _routes;
    private readonly WatchProfiles _profiles;
    private readonly QualityWatch _quality;
    private readonly WatchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<int, OpenWindows> _open = [];
    private IGrainTimer? _closing;

    // Whether outcomes are there that a later window may have to be judged with.
    private bool _judges;

    public ModelWatchGrain(
        [PersistentState("model-watch", GrainStorageNames.Default)]
            IPersistentState<ModelWatchState> state,
        AlertNotices notices,
        ModelRoutes routes,
        WatchProfiles profiles,
        QualityWatch quality,
        IOptions<WatchOptions> options,
        TimeProvider time,
        ILogger<ModelWatchGrain> logger
    )
    {
        _state = new DurableState<ModelWatchState>(state, GrainContext, logger);
        _notices = notices;
        _routes = routes;
        _profiles = profiles;
        _quality = quality;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    private string Model => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.Unpublished.Count > 0)
            Begin();
        return Task.CompletedTask;
    }

    public async Task<WatchReceipt> ReportAsync(
        WatchReport report,
        CancellationToken cancellationToken
    )
    {
        if (await ProfileAsync(report, cancellationToken) is not { } profile)
            return new WatchReceipt { DurableThrough = long.MaxValue, Taken = false };
        if (report.Windows.FirstOrDefault(w => !WatchCounts.Fit(w, profile)) is { } odd)
            throw new InvalidInputException(
                $"window {odd.Window} of {profile.Version}: its counts are not of the profile {profile.Key}."
            );
        if (!_open.TryGetValue(report.Version, out var open) || open.Profile.Key != profile.Key)
            _open[report.Version] = open = new OpenWindows(profile);
        var closed = Find(report.Version, profile.Key)?.ClosedThrough ?? -1;
        open.Take(report, closed);
        Begin();
        return new WatchReceipt { DurableThrough = closed, Taken = true };
    }

    public Task OutcomesAsync(CancellationToken cancellationToken)
    {
        Begin();
        return Task.CompletedTask;
    }

    public async Task<WatchSnapshot> GetAsync(CancellationToken cancellationToken)
    {
        var route = await _routes.GetAsync(Model, cancellationToken);
        if (route.Serving.Policy.Watch is not { } watch)
            throw new NotFoundException(
                $"Model '{Model}' is not watched: its serving policy has no section 'watch'."
            );
        var versions = new List<WatchedVersion>();
        var numbers = _state.Current.Versions.Select(v => v.Version).Union(_open.Keys);
        foreach (var number in numbers.OrderDescending())
        {
            var profile = await _profiles.GetAsync(
                new ModelVersionId(Model, number),
                route.Serving,
                cancellationToken
            );
            if (Describe(profile, watch, route.Model.Aliases) is { } version)
                versions.Add(version);
        }
        var now = _time.GetUtcNow();
        return new WatchSnapshot
        {
            Model = Model,
            Versions = versions,
            Quality = watch.Quality is { } quality
                ? await _quality.ReadAsync(
                    Model,
                    quality,
                    route.Model.Aliases,
                    now,
                    cancellationToken
                )
                : [],
            Alerts = [.. _state.Current.Alerts.Where(a => a.ClearedAt is null).Reverse()],
        };
    }

    public Task<IReadOnlyList<AlertSnapshot>> GetAlertsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AlertSnapshot>>([.. _state.Current.Alerts.Reverse()]);

    private WatchedVersion? Describe(
        VersionProfile profile,
        WatchPolicy watch,
        IReadOnlyDictionary<string, int> aliases
    )
    {
        var number = profile.Version.Version;
        var kept = Find(number, profile.Key);
        var open = _open.GetValueOrDefault(number);
        IReadOnlyList<WindowCounts> running =
            open?.Profile.Key == profile.Key ? open.Through(long.MaxValue) : [];
        IReadOnlyList<WindowCounts> windows = [.. kept?.Closed ?? [], .. running];
        var counts = running.Prepend(kept?.Total).OfType<WindowCounts>();
        if (WatchCounts.Sum(counts) is not { } total)
            return null;
        WindowReport Report(WindowCounts counts, DateTimeOffset from, bool histograms) =>
            WatchMeasures.Report(
                profile,
                counts,
                from,
                profile.BeginOf(counts.Window + 1),
                watch.Outliers is not null,
                histograms
            );
        return new WatchedVersion
        {
            Version = number,
            Aliases = [.. aliases.Where(a => a.Value == number).Select(a => a.Key).Order()],
            Reference = profile.Reference,
            Problems = profile.Problems,
            Total = Report(total, kept?.Since ?? profile.BeginOf(windows[0].Window), true),
            Windows =
            [
                .. windows.Reverse().Select(w => Report(w, profile.BeginOf(w.Window), false)),
            ],
            Outliers = open?.Outliers(watch.Outliers?.Examples ?? 0) ?? [],
        };
    }

    private VersionWatchState? Find(int version, string profile) =>
        _state.Current.Versions.FirstOrDefault(v => v.Version == version && v.Profile == profile);

    /// <summary>The report's profile, or null when the model is counted by another now.</summary>
    private async Task<VersionProfile?> ProfileAsync(
        WatchReport report,
        CancellationToken cancellationToken
    )
    {
        for (var isFresh = false; ; isFresh = true)
        {
            var route = await _routes.GetAsync(Model, cancellationToken);
            if (route.Serving.Policy.Watch is not null)
            {
                var profile = await _profiles.GetAsync(
                    new ModelVersionId(Model, report.Version),
                    route.Serving,
                    cancellationToken
                );
                if (profile.Key == report.Profile)
                    return profile;
            }
            if (isFresh)
                return null;
            // The silo may have seen a newer policy than this one has.
            _routes.Invalidate(Model);
        }
    }

    private void Begin() =>
        _closing ??= this.RegisterGrainTimer(
            CloseAsync,
            new GrainTimerCreationOptions(_options.ReportPeriod, _options.ReportPeriod)
            {
                KeepAlive = true,
            }
        );

    /// <summary>Closes the windows whose time has come, and publishes what is still to be.</summary>
    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            var route = await _routes.GetAsync(Model, cancellationToken);
            _judges = false;
            if (route.Serving.Policy.Watch is { } watch)
            {
                await CloseAsync(watch);
                if (watch.Quality is not null)
                    await JudgeAsync(watch, route.Model.Aliases, cancellationToken);
            }
            else
                _open.Clear();
            await PublishAsync(cancellationToken);
        }
        catch (Exception error)
        {
            LogFailed(_logger, error, Model);
            return;
        }
        if (_open.Values.All(o => o.IsEmpty) && _state.Current.Unpublished.Count == 0 && !_judges)
        {
            _closing?.Dispose();
            _closing = null;
        }
    }

    private async Task CloseAsync(WatchPolicy watch)
    {
        var now = _time.GetUtcNow();
        var next = _state.Current;
        var done = new List<(OpenWindows Open, long Through)>();
        foreach (var (version, open) in _open)
        {
            var through = open.Profile.WindowOf(now - _options.ClosingGrace) - 1;
            var closed = open.Through(through);
            if (closed.Count == 0)
                continue;
            next = WatchClosing.Close(next, open.Profile, watch, version, closed, now, _options);
            done.Add((open, through));
        }
        if (done.Count == 0)
            return;
        await _state.CommitAsync(next);
        foreach (var (open, through) in done)
            open.DropThrough(through);
    }

    /// <summary>Judges the windows of outcomes that have closed.</summary>
    private async Task JudgeAsync(
        WatchPolicy watch,
        IReadOnlyDictionary<string, int> aliases,
        CancellationToken cancellationToken
    )
    {
        var before = _state.Current;
        (var next, _judges) = await _quality.CloseAsync(
            Model,
            before,
            watch,
            aliases,
            _time.GetUtcNow(),
            _options,
            cancellationToken
        );
        if (!ReferenceEquals(before, next))
            await _state.CommitAsync(next);
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        var notices = _state.Current.Unpublished;
        if (notices.Count == 0)
            return;
        if (!await _notices.TryPublishAsync(Model, notices, cancellationToken))
            return;
        var now = _state.Current;
        await _state.CommitAsync(now with { Unpublished = [.. now.Unpublished.Except(notices)] });
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Windows of model {Model} could not be closed; it is tried again."
    )]
    private static partial void LogFailed(ILogger logger, Exception error, string model);
}
