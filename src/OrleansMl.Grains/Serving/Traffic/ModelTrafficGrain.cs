using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Grains.Operations;
using OrleansMl.Grains.Serving.Routing;
using OrleansMl.Grains.Serving.Watching;
using OrleansMl.Grains.Trust;

namespace OrleansMl.Grains.Serving.Traffic;

/// <summary>
/// A model's traffic. It follows the serving policy by itself: before anything else it looks whether the traffic section is still the one
/// that its experiment is about, and begins a new experiment when it is not. What it answers is durable.
/// </summary>
[GrainType("model-traffic")]
internal sealed partial class ModelTrafficGrain : Grain, IModelTrafficGrain
{
    private const int MaxDecisions = 200;
    private const int MaxSources = 256;
    private const int MaxCommands = 64;

    // How late a step ends when no report comes to end it.
    private static readonly TimeSpan JudgePeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ForgetPeriod = TimeSpan.FromHours(1);

    private readonly DurableState<ModelTrafficState> _state;
    private readonly IFeedbackStore _feedback;
    private readonly QualityJoin _quality;
    private readonly RoutePush _push;
    private readonly RuleAudit _audit;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private IReadOnlyList<OutcomeTally> _outcomes = [];
    private DateTimeOffset _forgotAt;

    public ModelTrafficGrain(
        [PersistentState("model-traffic", GrainStorageNames.Default)]
            IPersistentState<ModelTrafficState> state,
        IFeedbackStore feedback,
        QualityJoin quality,
        RoutePush push,
        RuleAudit audit,
        TimeProvider time,
        ILogger<ModelTrafficGrain> logger
    )
    {
        _state = new DurableState<ModelTrafficState>(state, GrainContext, logger);
        _feedback = feedback;
        _quality = quality;
        _push = push;
        _audit = audit;
        _time = time;
        _logger = logger;
    }

    private string Model => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await ReadOutcomesAsync(cancellationToken);
        this.RegisterGrainTimer(
            async token =>
            {
                if (IsUnderWay(_state.Current.Canary))
                {
                    await SyncAsync(token);
                    await JudgeAsync(token);
                }
            },
            new GrainTimerCreationOptions(JudgePeriod, JudgePeriod)
        );
    }

    public async Task<TrafficRouting?> GetRoutingAsync(CancellationToken cancellationToken)
    {
        await SyncAsync(cancellationToken);
        var state = _state.Current;
        return state.Policy is not { } policy
            ? null
            : new TrafficRouting
            {
                Experiment = state.Experiment,
                Policy = policy,
                Canary = state.Canary,
                Outcomes = policy.Bandit is null ? [] : _outcomes,
            };
    }

    public async Task<TrafficSnapshot> GetAsync(CancellationToken cancellationToken)
    {
        await SyncAsync(cancellationToken);
        return Snapshot();
    }

    public async Task ReportAsync(TrafficReport report, CancellationToken cancellationToken)
    {
        await SyncAsync(cancellationToken);
        var state = _state.Current;
        if (
            report.Experiment != state.Experiment
            || state.Sources.Any(s => s.Source == report.Source && s.Sequence >= report.Sequence)
        )
            return;
        var isOfStep = report.Step == (state.Canary?.Step ?? 0);
        await _state.CommitAsync(
            state with
            {
                Arms = ArmTallies.Merge(state.Arms, report.Arms),
                StepArms = isOfStep
                    ? ArmTallies.Merge(state.StepArms, report.Arms)
                    : state.StepArms,
                Shadows = ArmTallies.Merge(state.Shadows, report.Shadows),
                Sources =
                [
                    .. state
                        .Sources.Where(source => source.Source != report.Source)
                        .TakeLast(MaxSources - 1),
                    new TrafficSource { Source = report.Source, Sequence = report.Sequence },
                ],
            }
        );
        await JudgeAsync(cancellationToken);
    }

    public async Task<FeedbackResult> FeedbackAsync(
        IReadOnlyList<OutcomeReport> outcomes,
        CancellationToken cancellationToken
    )
    {
        var watch = (await SyncAsync(cancellationToken)).Policy.Watch;
        var state = _state.Current;
        if (state.Policy is not { } policy)
            throw new ConflictException(
                $"The serving policy of model '{Model}' has no traffic section, so that outcomes count for nothing; set one first, an empty one is enough."
            );
        var model = await FindModelAsync(cancellationToken);
        var now = _time.GetUtcNow();
        var (entries, truths, late) = FeedbackRules.Check(
            outcomes,
            policy,
            state.Experiment,
            model.LatestVersion,
            now
        );
        if (watch?.Quality is null && outcomes.Any(outcome => outcome.Value is null))
            throw new ConflictException(
                $"The serving policy of model '{Model}' has no section watch.quality, so that labels and numbers count for nothing; set one first, or tell values."
            );
        var quality = await _quality.JoinAsync(Model, watch, truths, cancellationToken);
        var counted =
            entries.Count == 0 ? 0 : await _feedback.RecordAsync(Model, entries, cancellationToken);
        if (counted > 0)
        {
            await ReadOutcomesAsync(cancellationToken);
            await JudgeAsync(cancellationToken);
        }
        if (now - _forgotAt > ForgetPeriod)
        {
            _forgotAt = now;
            await _feedback.ForgetAsync(
                Model,
                now - TimeSpan.FromSeconds(policy.FeedbackWindowSeconds),
                cancellationToken
            );
        }
        return new FeedbackResult
        {
            Counted = counted,
            Repeated = entries.Count - counted,
            Late = late,
            Quality = quality,
        };
    }

    public async Task<VersionComparison> CompareAsync(
        int? baseline,
        int? candidate,
        double confidence,
        CancellationToken cancellationToken
    )
    {
        if (!(confidence is >= 0.5 and <= 0.9999))
            throw new InvalidInputException(
                $"confidence: expected 0.5 to 0.9999, got {confidence}."
            );
        await SyncAsync(cancellationToken);
        var state = _state.Current;
        var known = state
            .Arms.Select(arm => arm.Version)
            .Concat(_outcomes.Select(outcome => outcome.Version))
            .Distinct()
            .Order()
            .ToList();
        if (known.Count == 0)
            throw new NotFoundException(
                $"Nothing is known of any version of model '{Model}' in its experiment {state.Experiment} yet."
            );
        var first = baseline ?? state.Canary?.Stable ?? known[0];
        var second = candidate ?? state.Canary?.Candidate ?? known[^1];
        foreach (var version in new[] { first, second })
        {
            if (!known.Contains(version))
                throw new NotFoundException(
                    $"Version {version} of model '{Model}' had no calls and no outcomes in experiment {state.Experiment}; those that had: {string.Join(", ", known)}."
                );
        }
        if (first == second)
            throw new InvalidInputException(
                $"baseline and candidate: expected two versions, got {first} twice."
            );
        return new VersionComparison
        {
            Model = Model,
            Experiment = state.Experiment,
            Baseline = first,
            Candidate = second,
            Confidence = confidence,
            Metrics = VersionComparisons.Compare(
                Arm(state.Arms, first),
                Arm(state.Arms, second),
                Outcome(first),
                Outcome(second),
                state.Policy?.Outcome ?? OutcomeKind.Binary,
                confidence
            ),
        };
    }

    /// <summary>Follows the serving policy: another traffic section than the one known begins an experiment.</summary>
    private async Task<ServingPolicySnapshot> SyncAsync(CancellationToken cancellationToken)
    {
        var serving = await GrainFactory
            .GetGrain<IModelServingGrain>(Model)
            .GetAsync(cancellationToken);
        var state = _state.Current;
        if (serving.Revision == state.Revision)
            return serving;
        var policy = serving.Policy.Traffic;
        if (Same(policy, state.Policy))
        {
            await _state.CommitAsync(state with { Revision = serving.Revision });
            return serving;
        }
        var now = _time.GetUtcNow();
        var begun = new ModelTrafficState
        {
            Revision = serving.Revision,
            Experiment = serving.Revision,
            Since = now,
            Policy = policy,
            Decisions = state.Decisions,
            Sources = state.Sources,
            Commands = state.Commands,
        };
        var reason = policy is null ? "the section was removed" : "the section was changed";
        if (policy?.Canary is { } canary)
        {
            var model = await FindModelAsync(cancellationToken);
            (begun, var how) = BeginCanary(begun, canary, model, now);
            reason = $"{reason}; {how}";
        }
        await _state.CommitAsync(Decided(begun, "experiment-began", reason, serving.ChangedBy));
        await ReadOutcomesAsync(cancellationToken);
        return serving;
    }

    private async Task ReadOutcomesAsync(CancellationToken cancellationToken) =>
        _outcomes = await _feedback.ReadAsync(Model, _state.Current.Experiment, cancellationToken);

    private async Task<ModelSnapshot> FindModelAsync(CancellationToken cancellationToken) =>
        await GrainFactory.GetGrain<IModelGrain>(Model).GetAsync(cancellationToken)
        ?? throw new NotFoundException($"There is no model '{Model}'.");

    private ModelTrafficState Decided(
        ModelTrafficState state,
        string kind,
        string reason,
        string by
    ) =>
        state with
        {
            Decisions =
            [
                new TrafficDecision
                {
                    At = _time.GetUtcNow(),
                    Experiment = state.Experiment,
                    Kind = kind,
                    Reason = reason,
                    By = by,
                },
                .. state.Decisions.Take(MaxDecisions - 1),
            ],
        };

    private TrafficSnapshot Snapshot()
    {
        var state = _state.Current;
        var best = BestProbabilities(state);
        return new TrafficSnapshot
        {
            Model = Model,
            Experiment = state.Experiment,
            Since = state.Experiment == 0 ? null : state.Since,
            Policy = state.Policy,
            Arms =
            [
                .. state
                    .Arms.Select(arm => arm.Version)
                    .Concat(_outcomes.Select(outcome => outcome.Version))
                    .Concat(best.Keys)
                    .Distinct()
                    .Order()
                    .Select(version => Statistics(state, version, best)),
            ],
            Shadows = state.Shadows,
            Canary = state.Canary,
            Decisions = state.Decisions,
        };
    }

    private ArmStatistics Statistics(
        ModelTrafficState state,
        int version,
        IReadOnlyDictionary<int, double> best
    )
    {
        var arm = Arm(state.Arms, version);
        var outcome = Outcome(version);
        var answered = arm.Requests - arm.Errors;
        return new ArmStatistics
        {
            Version = version,
            Requests = arm.Requests,
            Errors = arm.Errors,
            MeanSeconds = answered == 0 ? null : arm.Seconds / answered,
            P50Seconds = LatencyHistogram.Percentile(arm.Latencies, 0.5),
            P95Seconds = LatencyHistogram.Percentile(arm.Latencies, 0.95),
            P99Seconds = LatencyHistogram.Percentile(arm.Latencies, 0.99),
            Outcomes = outcome.Count,
            MeanOutcome = outcome.Count == 0 ? null : outcome.Sum / outcome.Count,
            BestProbability = best.TryGetValue(version, out var probability) ? probability : null,
        };
    }

    // Looked up as the silos do: arms that are aliases mean what they mean now.
    private IReadOnlyDictionary<int, double> BestProbabilities(ModelTrafficState state)
    {
        const int Draws = 10_000;
        if (state.Policy?.Bandit is not { } bandit)
            return new Dictionary<int, double>();
        var arms = _outcomes
            .Select(outcome => outcome.Version)
            .Concat(state.Arms.Select(arm => arm.Version))
            .Distinct()
            .Order()
            .Select(version =>
                (version, ArmPosterior.Of(bandit, state.Policy.Outcome, Outcome(version)))
            )
            .ToList();
        return arms.Count == 0
            ? new Dictionary<int, double>()
            // The same figures give the same answer.
            : new ThompsonSampling(arms, 0).BestProbabilities(
                new TrafficRandom((ulong)state.Experiment),
                Draws
            );
    }

    private OutcomeTally Outcome(int version) =>
        _outcomes.FirstOrDefault(outcome => outcome.Version == version)
        ?? new OutcomeTally { Version = version };

    private static ArmTally Arm(IReadOnlyList<ArmTally> arms, int version) =>
        arms.FirstOrDefault(arm => arm.Version == version) ?? new ArmTally { Version = version };

    private static bool Same(TrafficPolicy? a, TrafficPolicy? b) =>
        JsonSerializer.Serialize(a, ContractsJson.Options)
        == JsonSerializer.Serialize(b, ContractsJson.Options);
}
