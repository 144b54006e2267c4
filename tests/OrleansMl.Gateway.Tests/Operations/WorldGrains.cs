using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Traffic;
using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Gateway.Tests.Operations;

internal sealed class WorldDatasetGrain(ClusterWorld world) : Grain, IDatasetGrain
{
    private string Name => this.GetPrimaryKeyString();

    public async Task<DatasetManifest> CommitAsync(
        DatasetCommit commit,
        CancellationToken cancellationToken
    )
    {
        await world.EnterAsync("dataset", Name);
        world.Commits[commit.CommandId] = commit;
        var versions = world.Datasets.GetOrAdd(Name, _ => []);
        var manifest = new DatasetManifest
        {
            Id = new DatasetVersionId(Name, versions.Count + 1),
            Parent = commit.AppendTo,
            Schema = commit.Schema,
            Shards = commit.NewShards,
            Splits = commit.Splits,
            Statistics = commit.Statistics,
            Rows = commit.NewShards.Sum(shard => shard.Rows),
            Bytes = commit.NewShards.Sum(shard => shard.Bytes),
            Source = commit.Source,
        };
        versions.Add(manifest);
        return manifest;
    }

    public async Task<DatasetSnapshot?> GetAsync(CancellationToken cancellationToken)
    {
        await world.EnterAsync("dataset", Name);
        return world.Datasets.TryGetValue(Name, out var versions)
            ? new DatasetSnapshot
            {
                Name = Name,
                LatestVersion = versions[^1].Id.Version,
                Versions = [.. versions.Select(version => version.Id.Version)],
                Latest = versions[^1],
            }
            : null;
    }

    public async Task<DatasetManifest?> GetVersionAsync(
        int? version,
        CancellationToken cancellationToken
    )
    {
        await world.EnterAsync("dataset", Name);
        return !world.Datasets.TryGetValue(Name, out var versions) ? null
            : version is null ? versions[^1]
            : versions.FirstOrDefault(manifest => manifest.Id.Version == version);
    }

    public Task HoldAsync(DatasetHold hold, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task ReleaseAsync(string holder, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public async Task DeleteAsync(int? version, CancellationToken cancellationToken)
    {
        await world.EnterAsync("dataset", Name);
        if (world.Holds.TryGetValue(Name, out var holds))
            throw new ConflictException(
                $"dataset {Name} is needed by {string.Join(", ", holds.Select(hold => hold.Holder))}."
            );
        world.Datasets.TryRemove(Name, out _);
    }
}

internal sealed class WorldModelGrain(ClusterWorld world) : Grain, IModelGrain
{
    private string Name => this.GetPrimaryKeyString();

    public async Task<ModelVersionSnapshot> RegisterVersionAsync(
        ModelRegistration registration,
        CancellationToken cancellationToken
    )
    {
        await world.EnterAsync("model", Name);
        var model =
            world.Models.GetValueOrDefault(Name)
            ?? new ModelSnapshot
            {
                Name = Name,
                LatestVersion = 0,
                Aliases = new Dictionary<string, int>(),
            };
        model = model with { LatestVersion = model.LatestVersion + 1 };
        var version = new ModelVersionSnapshot
        {
            Id = new ModelVersionId(Name, model.LatestVersion),
            Onnx = registration.Onnx,
            Signature = registration.Signature,
            Lineage = registration.Lineage,
            RegisteredBy = registration.RegisteredBy,
            Pipeline = registration.Pipeline,
        };
        world.Versions[version.Id.ToString()] = version;
        world.Models[Name] = model;
        return version;
    }

    public async Task<ModelSnapshot?> GetAsync(CancellationToken cancellationToken)
    {
        await world.EnterAsync("model", Name);
        return world.Models.GetValueOrDefault(Name);
    }

    public async Task<ModelVersionSnapshot?> GetVersionAsync(
        int version,
        CancellationToken cancellationToken
    )
    {
        await world.EnterAsync("model", Name);
        return world.Versions.GetValueOrDefault($"{Name}@{version}");
    }

    public Task<int?> ResolveAsync(string reference, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The gateway resolves references itself.");

    public async Task<ModelSnapshot> MoveAliasAsync(
        AliasMove move,
        CancellationToken cancellationToken
    )
    {
        await world.EnterAsync("model", Name);
        var model = world.Models[Name];
        var current = model.Aliases.GetValueOrDefault(move.Alias);
        if (move.Expected is { } expected && expected != current)
            throw new ConflictException(
                $"alias {move.Alias} points at {current}, not at {expected}."
            );
        var aliases = model.Aliases.ToDictionary();
        if (move.Version is { } version)
            aliases[move.Alias] = version;
        else
            aliases.Remove(move.Alias);
        return world.Models[Name] = model with
        {
            Aliases = aliases,
            History =
            [
                new AliasChange
                {
                    Alias = move.Alias,
                    From = current,
                    To = move.Version,
                    Reason = move.Reason,
                    By = move.By,
                },
                .. model.History,
            ],
        };
    }
}

internal sealed class WorldServingGrain(ClusterWorld world) : Grain, IModelServingGrain
{
    private string Name => this.GetPrimaryKeyString();

    public Task<ServingPolicySnapshot> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(
            world.Policies.GetValueOrDefault(Name)
                ?? new ServingPolicySnapshot
                {
                    Model = Name,
                    Revision = 0,
                    Policy = ServingPolicy.Default,
                }
        );

    public async Task<ServingPolicySnapshot> SetAsync(
        ServingPolicyChange change,
        CancellationToken cancellationToken
    )
    {
        var now = await GetAsync(cancellationToken);
        if (change.Expected is { } expected && expected != now.Revision)
            throw new ConflictException($"revision {now.Revision}, expected {expected}.");
        return world.Policies[Name] = now with
        {
            Revision = now.Revision + 1,
            Policy = change.Policy,
            ChangedBy = change.By,
        };
    }
}

internal sealed class WorldTrafficGrain(ClusterWorld world) : Grain, IModelTrafficGrain
{
    private string Name => this.GetPrimaryKeyString();

    public Task<TrafficSnapshot> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new TrafficSnapshot { Model = Name, Experiment = 3 });

    public Task<TrafficRouting?> GetRoutingAsync(CancellationToken cancellationToken) =>
        Task.FromResult(world.Traffic.GetValueOrDefault(Name));

    public Task ReportAsync(TrafficReport report, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Reporters call this, no gateway.");

    public Task<FeedbackResult> FeedbackAsync(
        IReadOnlyList<OutcomeReport> outcomes,
        CancellationToken cancellationToken
    )
    {
        world.Outcomes[Name] = outcomes;
        return Task.FromResult(new FeedbackResult { Counted = outcomes.Count });
    }

    public Task<VersionComparison> CompareAsync(
        int? baseline,
        int? candidate,
        double confidence,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            new VersionComparison
            {
                Model = Name,
                Experiment = 3,
                Baseline = baseline ?? 1,
                Candidate = candidate ?? 2,
                Confidence = confidence,
                Metrics = [],
            }
        );

    public Task<TrafficSnapshot> CommandAsync(
        CanaryCommand command,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            new TrafficSnapshot
            {
                Model = Name,
                Experiment = 3,
                Decisions =
                [
                    new TrafficDecision
                    {
                        At = default,
                        Experiment = 3,
                        Kind = command.Action.ToString(),
                        Reason = command.Reason,
                        By = command.By,
                    },
                ],
            }
        );
}

internal sealed class WorldRunGrain(ClusterWorld world) : Grain, ITrainingRunGrain
{
    private string Id => this.GetPrimaryKeyString();

    public async Task<TrainingRunSnapshot> SubmitAsync(
        TrainingRunSpec spec,
        CancellationToken cancellationToken
    )
    {
        await world.EnterAsync("run", Id);
        if (world.Runs.TryGetValue(Id, out var known))
            return known.Spec.Config == spec.Config && known.Spec.Dataset == spec.Dataset
                ? known
                : throw new ConflictException($"run {Id} has another spec.");
        return world.Runs[Id] = new TrainingRunSnapshot
        {
            Id = new TrainingRunId(Id),
            Spec = spec,
            Phase = TrainingRunPhase.Queued,
            QueuePosition = 1,
        };
    }

    public async Task<TrainingRunSnapshot?> GetAsync(CancellationToken cancellationToken)
    {
        await world.EnterAsync("run", Id);
        return world.Runs.GetValueOrDefault(Id);
    }

    public async IAsyncEnumerable<TrainingEvent> WatchAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await world.EnterAsync("watch", Id);
        foreach (var item in world.Watches[Id].Dequeue())
        {
            if (item is Task gate)
                await gate.WaitAsync(cancellationToken);
            else if (item is Exception exception)
                throw exception;
            else
                yield return (TrainingEvent)item;
        }
    }

    public async Task<TrainingRunSnapshot> CancelAsync(CancellationToken cancellationToken)
    {
        await world.EnterAsync("run", Id);
        return world.Runs[Id] = world.Runs[Id] with { Phase = TrainingRunPhase.Cancelled };
    }

    public async Task<TrainingRunSnapshot> ResumeAsync(CancellationToken cancellationToken)
    {
        await world.EnterAsync("run", Id);
        return world.Runs[Id].Phase is TrainingRunPhase.Cancelled or TrainingRunPhase.Failed
            ? world.Runs[Id] = world.Runs[Id] with { Phase = TrainingRunPhase.Queued }
            : throw new ConflictException($"run {Id} is {world.Runs[Id].Phase}.");
    }

    public Task<AttemptAssignment?> BeginAttemptAsync(
        string slot,
        string leaseId,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("Slots call this, no gateway.");

    public Task<AttemptDirective> ReportAsync(
        AttemptReport report,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("Slots call this, no gateway.");

    public Task<AttemptDirective> ReportCheckpointAsync(
        int attempt,
        CheckpointReference checkpoint,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("Slots call this, no gateway.");

    public Task<AttemptDirective> CompleteAsync(
        AttemptResult result,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("Slots call this, no gateway.");

    public Task EndAttemptAsync(AttemptEnd end, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Slots call this, no gateway.");
}

internal sealed class WorldPoolGrain(ClusterWorld world) : Grain, ITrainingPoolGrain
{
    public Task EnqueueAsync(
        TrainingRunId run,
        string accelerator,
        IReadOnlyDictionary<string, string> requiredLabels,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("Runs call this, no gateway.");

    public Task RemoveAsync(TrainingRunId run, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Runs call this, no gateway.");

    public Task<int?> GetPositionAsync(TrainingRunId run, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Runs call this, no gateway.");

    public Task ReportSlotsAsync(SiloSlotsReport report, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Silos call this, no gateway.");

    public async Task<TrainingPoolSnapshot> GetAsync(CancellationToken cancellationToken)
    {
        await world.EnterAsync("pool", this.GetPrimaryKeyString());
        return new TrainingPoolSnapshot
        {
            Slots = [],
            Queue = [new TrainingRunId("waiting")],
            QueueLimit = 1000,
        };
    }
}

internal sealed class WorldPredictorGrain(ClusterWorld world) : Grain, IPredictorGrain
{
    private string Key => this.GetPrimaryKeyString();

    public async Task<InferenceResponse> PredictAsync(
        InferenceRequest request,
        CancellationToken cancellationToken
    )
    {
        await world.EnterAsync("predictor", Key);
        return world.Predict(Key, request);
    }

    public async Task<ModelSignature> GetSignatureAsync(CancellationToken cancellationToken)
    {
        await world.EnterAsync("predictor", Key);
        return world.Versions[Key].Signature;
    }
}

internal sealed class WorldWatchGrain(ClusterWorld world) : Grain, IModelWatchGrain
{
    private string Name => this.GetPrimaryKeyString();

    public Task<WatchReceipt> ReportAsync(
        WatchReport report,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("Silos report, no gateway.");

    public Task OutcomesAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException("Silos tell, no gateway.");

    public async Task<WatchSnapshot> GetAsync(CancellationToken cancellationToken)
    {
        await world.EnterAsync("watch", Name);
        return world.WatchedModels.GetValueOrDefault(Name)
            ?? throw new NotFoundException($"Model '{Name}' is not watched.");
    }

    public async Task<IReadOnlyList<AlertSnapshot>> GetAlertsAsync(
        CancellationToken cancellationToken
    )
    {
        await world.EnterAsync("watch", Name);
        return world.WatchedModels.GetValueOrDefault(Name)?.Alerts ?? [];
    }
}
