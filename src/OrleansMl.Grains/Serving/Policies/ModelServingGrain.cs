using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Routing;
using OrleansMl.Core.Serving.Sequences;
using OrleansMl.Core.Serving.Traffic;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Operations;
using OrleansMl.Grains.Serving.Routing;

namespace OrleansMl.Grains.Serving.Policies;

/// <summary>A model's serving policy, whole, with its revision.</summary>
[GrainType("model-serving")]
internal sealed partial class ModelServingGrain(
    [PersistentState("model-serving", GrainStorageNames.Default)]
        IPersistentState<ModelServingState> state,
    RoutePush push,
    TimeProvider time,
    ILogger<ModelServingGrain> logger
) : Grain, IModelServingGrain
{
    // A caller repeats a command soon or never.
    private const int RecentCommands = 16;
    private DurableState<ModelServingState>? _state;

    private DurableState<ModelServingState> State =>
        _state ??= new DurableState<ModelServingState>(state, GrainContext, logger);

    private string Model => this.GetPrimaryKeyString();

    public Task<ServingPolicySnapshot> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Snapshot(State.Current));

    public async Task<ServingPolicySnapshot> SetAsync(
        ServingPolicyChange change,
        CancellationToken cancellationToken
    )
    {
        CommandIds.Check(change.CommandId);
        var now = State.Current;
        foreach (var command in now.Commands)
        {
            if (command.CommandId == change.CommandId)
                return command.Answer;
        }
        var problems = ServingPolicyChecks.Problems(change.Policy);
        if (problems.Count > 0)
            throw new InvalidInputException(string.Join(' ', problems));
        var model =
            await GrainFactory.GetGrain<IModelGrain>(Model).GetAsync(cancellationToken)
            ?? throw new NotFoundException($"There is no model '{Model}'.");
        now = State.Current;
        // An unchanged section stays allowed when its versions' aliases have moved on.
        var unfit = IsUnchanged(now.Policy.Traffic, change.Policy.Traffic)
            ? []
            : TrafficPolicyChecks.Problems(change.Policy.Traffic, model).ToList();
        if (unfit.Count > 0)
            throw new InvalidInputException(string.Join(' ', unfit));
        await RequireSequencesAsync(model, now.Policy, change.Policy, cancellationToken);
        now = State.Current;
        if (change.Expected is { } expected && expected != now.Revision)
            throw new ConflictException(
                $"The serving policy of model '{Model}' has revision {now.Revision}, expected {expected}; read it again and change that."
            );
        var next = now with
        {
            Revision = now.Revision + 1,
            Policy = change.Policy,
            ChangedAt = time.GetUtcNow(),
            ChangedBy = ChangeNotes.CallerOr(change.By),
        };
        var answer = Snapshot(next);
        await State.CommitAsync(
            next with
            {
                Commands =
                [
                    .. now.Commands.Skip(Math.Max(0, now.Commands.Count - RecentCommands + 1)),
                    new ServingCommand { CommandId = change.CommandId, Answer = answer },
                ],
            }
        );
        ChangeNotes.Add(ServingPolicyChanges.Describe(now.Revision, now.Policy, answer));
        LogChanged(logger, Model, answer.Revision, next.ChangedBy);
        await push.SendAsync(Model);
        return answer;
    }

    // A new section must fit the version that is served now; others are held against it when a sequence begins on them.
    private async Task RequireSequencesAsync(
        ModelSnapshot model,
        ServingPolicy now,
        ServingPolicy next,
        CancellationToken cancellationToken
    )
    {
        if (
            next.Sequences is not { } sequences
            || model.LatestVersion == 0
            || IsUnchanged(now.Sequences, sequences)
        )
            return;
        var served = ModelRoutes.Resolve(model, "");
        var version = await GrainFactory
            .GetGrain<IModelGrain>(Model)
            .GetVersionAsync(served.Version, cancellationToken);
        if (version is null)
            return;
        var problems = SequencePolicyChecks.Problems(sequences, version.Signature).ToList();
        if (problems.Count > 0)
            throw new InvalidInputException(
                $"Model version {served} does not fit: {string.Join(' ', problems)}"
            );
        // The values are tried, too.
        _ = InitialState.Of(sequences, version.Signature);
    }

    private static bool IsUnchanged<T>(T now, T next) =>
        JsonSerializer.Serialize(now, ContractsJson.Options)
        == JsonSerializer.Serialize(next, ContractsJson.Options);

    private ServingPolicySnapshot Snapshot(ModelServingState of) =>
        new()
        {
            Model = Model,
            Revision = of.Revision,
            Policy = of.Policy,
            ChangedAt = of.ChangedAt,
            ChangedBy = of.ChangedBy,
        };

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Serving policy of model {Model} is revision {Revision}, by {By}."
    )]
    private static partial void LogChanged(ILogger logger, string model, long revision, string by);
}
