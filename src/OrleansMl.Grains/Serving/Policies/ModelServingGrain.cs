using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving;
using OrleansMl.Core.Serving.Traffic;
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
        var unfit = IsUnchanged(now.Policy, change.Policy)
            ? []
            : TrafficPolicyChecks.Problems(change.Policy.Traffic, model).ToList();
        if (unfit.Count > 0)
            throw new InvalidInputException(string.Join(' ', unfit));
        if (change.Expected is { } expected && expected != now.Revision)
            throw new ConflictException(
                $"The serving policy of model '{Model}' has revision {now.Revision}, expected {expected}; read it again and change that."
            );
        var next = now with
        {
            Revision = now.Revision + 1,
            Policy = change.Policy,
            ChangedAt = time.GetUtcNow(),
            ChangedBy = change.By,
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
        LogChanged(logger, Model, answer.Revision, change.By);
        await push.SendAsync(Model);
        return answer;
    }

    private static bool IsUnchanged(ServingPolicy now, ServingPolicy next) =>
        JsonSerializer.Serialize(now.Traffic, ContractsJson.Options)
        == JsonSerializer.Serialize(next.Traffic, ContractsJson.Options);

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
