using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Artifacts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Contracts.Models;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Models;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Operations;
using OrleansMl.Grains.Serving.Routing;
using OrleansMl.Grains.Trust;

namespace OrleansMl.Grains.Models;

/// <summary>
/// A model's numbers and aliases. A registration is written twice: first as pending, with its number and whole record,
/// then as done. Between the two the version's record, its holds and its rows are made; whatever dies in between, the
/// next call completes them, so that no number is given twice or lost.
/// </summary>
[GrainType("model")]
internal sealed partial class ModelGrain : Grain, IModelGrain
{
    private const string Latest = "latest";
    private readonly DurableState<ModelState> _state;
    private readonly CatalogPublisher _catalog;
    private readonly IArtifactReferences _references;
    private readonly RoutePush _push;
    private readonly RuleAudit _audit;
    private readonly ModelOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public ModelGrain(
        [PersistentState("model", GrainStorageNames.Default)] IPersistentState<ModelState> state,
        ICatalog catalog,
        IArtifactReferences references,
        RoutePush push,
        RuleAudit audit,
        IOptions<ModelOptions> options,
        TimeProvider time,
        ILogger<ModelGrain> logger
    )
    {
        _state = new DurableState<ModelState>(state, GrainContext, logger);
        _catalog = new CatalogPublisher(this, catalog, logger);
        _references = references;
        _push = push;
        _audit = audit;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    private string Name => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.LastVersion > 0)
            await _catalog.PublishAsync(Row);
    }

    public async Task<ModelVersionSnapshot> RegisterVersionAsync(
        ModelRegistration registration,
        CancellationToken cancellationToken
    )
    {
        var rules = ModelChecks.Check(Name, registration, _options.MaxVersionBytes);
        await CompletePendingAsync(cancellationToken);
        if (FindCommand(registration.CommandId) is { } command)
            return await AnswerAgainAsync(command, registration, cancellationToken);

        var state = _state.Current;
        ModelChecks.CheckNext(Name, state, registration);
        var now = _time.GetUtcNow();
        var id = new ModelVersionId(Name, state.LastVersion + 1);
        var decision = PromotionPolicy.Decide(
            registration.PromotionAlias,
            Find(state.Aliases, registration.PromotionAlias),
            rules,
            registration.Evaluations,
            rules.Count == 0 ? null : await FindChampionAsync(cancellationToken)
        );
        CheckAliasLimit(decision?.Promoted == true ? registration.PromotionAlias : null);
        var version = new ModelVersionSnapshot
        {
            Id = id,
            Onnx = registration.Onnx,
            Weights = registration.Weights,
            Signature = registration.Signature,
            Lineage = registration.Lineage,
            Evaluations = registration.Evaluations,
            Promotion = decision,
            CreatedAt = now,
            RegisteredBy = registration.RegisteredBy,
            Pipeline = registration.Pipeline,
            Golden = registration.Golden,
        };
        await _references.AddAsync(
            $"model/{id}",
            [version.Onnx, .. new[] { version.Weights, version.Golden }.OfType<ArtifactId>()],
            cancellationToken
        );
        await _state.CommitAsync(
            state with
            {
                Pending = new PendingVersion
                {
                    CommandId = registration.CommandId,
                    Version = version,
                },
            }
        );
        await CompletePendingAsync(cancellationToken);
        return version;
    }

    public Task<ModelSnapshot?> GetAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.LastVersion > 0)
            return Task.FromResult<ModelSnapshot?>(Snapshot());
        // Anybody can ask for any name: what isn't there is not kept in memory.
        DeactivateOnIdle();
        return Task.FromResult<ModelSnapshot?>(null);
    }

    public Task<ModelVersionSnapshot?> GetVersionAsync(
        int version,
        CancellationToken cancellationToken
    ) =>
        version < 1 || version > _state.Current.LastVersion
            ? Task.FromResult<ModelVersionSnapshot?>(null)
            : VersionGrain(version).GetAsync(cancellationToken);

    public Task<int?> ResolveAsync(string reference, CancellationToken cancellationToken)
    {
        var state = _state.Current;
        int? newest = state.LastVersion == 0 ? null : state.LastVersion;
        return Task.FromResult(
            reference switch
            {
                null or "" => Find(state.Aliases, PromotionPolicy.ChampionAlias) ?? newest,
                Latest => newest,
                _ when int.TryParse(
                        reference,
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var number
                    ) => number >= 1 && number <= state.LastVersion ? number : null,
                _ => Find(state.Aliases, reference),
            }
        );
    }

    public async Task<ModelSnapshot> MoveAliasAsync(
        AliasMove move,
        CancellationToken cancellationToken
    )
    {
        CommandIds.Check(move.CommandId);
        ModelChecks.CheckAlias(move.Alias);
        await CompletePendingAsync(cancellationToken);
        if (FindCommand(move.CommandId) is { } command)
            return AnswerAgain(command, move);

        var state = _state.Current;
        if (state.LastVersion == 0)
            throw new NotFoundException($"There is no model '{Name}'.");
        if (move.Version is { } version && (version < 1 || version > state.LastVersion))
            throw new NotFoundException(
                $"Model '{Name}' has no version {version}; it has 1 to {state.LastVersion}."
            );
        var from = Find(state.Aliases, move.Alias);
        if (move.Expected is { } expected && expected != (from ?? 0))
            throw new ConflictException(
                $"Alias '{move.Alias}' of model '{Name}' was expected at {(expected == 0 ? "no version" : $"version {expected}")}, but is at {(from is null ? "none" : $"version {from}")}; look again and decide anew."
            );
        CheckAliasLimit(move.Version is null ? null : move.Alias);
        var next = Move(
            state,
            move.Alias,
            move.Version,
            move.Reason,
            ChangeNotes.CallerOr(move.By)
        );
        ChangeNotes.Add(
            $"{Describe(move.Alias, from, move.Version)}{(move.Reason.Length > 0 ? $": {move.Reason}" : "")}"
        );
        await _state.CommitAsync(
            Remember(
                next,
                new ModelCommand
                {
                    CommandId = move.CommandId,
                    Alias = move.Alias,
                    Target = move.Version,
                    Aliases = next.Aliases,
                    Moves = next.Moves,
                    LastVersion = next.LastVersion,
                }
            )
        );
        await _catalog.PublishAsync(Row);
        await _push.SendAsync(Name);
        return Snapshot();
    }

    private async Task CompletePendingAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.Pending is not { } pending)
            return;
        var version = pending.Version;
        await VersionGrain(version.Id.Version).CreateAsync(version, cancellationToken);
        await HoldDatasetAsync(version, cancellationToken);
        var state = _state.Current;
        var next = state with
        {
            LastVersion = version.Id.Version,
            CreatedAt = state.LastVersion == 0 ? version.CreatedAt : state.CreatedAt,
            UpdatedAt = version.CreatedAt,
            Pending = null,
            IsPipeline = version.Pipeline is not null,
        };
        AuditEntry? asked = null;
        if (version.Promotion is { Promoted: true } promotion)
        {
            asked = await _audit.AskAsync(
                "promotion",
                "model.alias.move",
                $"model/{Name}",
                $"{Describe(promotion.Alias, Find(state.Aliases, promotion.Alias), version.Id.Version)}: {promotion.Reason}",
                $"promotion/{version.Id}",
                cancellationToken
            );
            next = Move(
                next,
                promotion.Alias,
                version.Id.Version,
                promotion.Reason,
                version.RegisteredBy
            );
        }
        await _state.CommitAsync(
            Remember(
                next,
                new ModelCommand { CommandId = pending.CommandId, Registered = version.Id.Version }
            )
        );
        if (asked is not null)
            await RecordDoneAsync(asked);
        GrainTelemetry.VersionsRegistered.Add(1);
        LogRegistered(_logger, version.Id, version.Lineage.Run?.Value ?? "no run");
        await _catalog.PublishAsync(Row);
        await _push.SendAsync(Name);
    }

    private async Task RecordDoneAsync(AuditEntry asked)
    {
        try
        {
            await _audit.DoneAsync(asked, CancellationToken.None);
        }
        catch (UnavailableException error)
        {
            // The alias has moved: the version is registered, whatever the log can take. It keeps "asked".
            LogUnrecorded(_logger, asked.Request, error);
        }
    }

    private static string Describe(string alias, int? from, int? to) =>
        $"{alias}: {(from is null ? "no version" : $"version {from}")} -> {(to is null ? "no version" : $"version {to}")}";

    private async Task HoldDatasetAsync(
        ModelVersionSnapshot version,
        CancellationToken cancellationToken
    )
    {
        if (version.Lineage.Dataset is not { } dataset)
            return;
        try
        {
            await GrainFactory
                .GetGrain<IDatasetGrain>(dataset.Name)
                .HoldAsync(
                    new DatasetHold { Holder = $"model/{version.Id}", Version = dataset.Version },
                    cancellationToken
                );
        }
        catch (NotFoundException)
        {
            // A run holds its dataset until its version does, so only a foreign model can name one that is gone: its
            // lineage still says what it was.
            LogDatasetGone(_logger, version.Id, dataset);
        }
    }

    private async Task<PromotionChampion?> FindChampionAsync(CancellationToken cancellationToken)
    {
        if (Find(_state.Current.Aliases, PromotionPolicy.ChampionAlias) is not { } number)
            return null;
        var record =
            await VersionGrain(number).GetAsync(cancellationToken)
            ?? throw new UnavailableException(
                $"The record of model version {Name}@{number}, the champion, can't be read; try again."
            );
        return new PromotionChampion(number, record.Evaluations);
    }

    private async Task<ModelVersionSnapshot> AnswerAgainAsync(
        ModelCommand command,
        ModelRegistration registration,
        CancellationToken cancellationToken
    )
    {
        var record = command.Registered is { } number
            ? await VersionGrain(number).GetAsync(cancellationToken)
            : null;
        return record is not null && record.Onnx == registration.Onnx
            ? record
            : throw new ConflictException(
                $"Command '{command.CommandId}' of model '{Name}' was another one; choose a new id for a new command."
            );
    }

    private ModelSnapshot AnswerAgain(ModelCommand command, AliasMove move)
    {
        if (command.Alias != move.Alias || command.Target != move.Version)
            throw new ConflictException(
                $"Command '{command.CommandId}' of model '{Name}' was another one; choose a new id for a new command."
            );
        var later = (int)Math.Min(_state.Current.Moves - command.Moves, int.MaxValue);
        return Snapshot() with
        {
            LatestVersion = command.LastVersion,
            Aliases = command.Aliases ?? new Dictionary<string, int>(),
            History = [.. _state.Current.History.Skip(later)],
        };
    }

    private ModelState Move(ModelState state, string alias, int? to, string reason, string by)
    {
        var from = Find(state.Aliases, alias);
        if (from == to)
            return state;
        var aliases = new Dictionary<string, int>(state.Aliases);
        if (to is { } version)
            aliases[alias] = version;
        else
            aliases.Remove(alias);
        var change = new AliasChange
        {
            Alias = alias,
            From = from,
            To = to,
            At = _time.GetUtcNow(),
            Reason = reason,
            By = by,
        };
        return state with
        {
            Aliases = aliases,
            History = [change, .. state.History.Take(_options.HistoryLimit - 1)],
            Moves = state.Moves + 1,
        };
    }

    private void CheckAliasLimit(string? alias)
    {
        var aliases = _state.Current.Aliases;
        if (
            alias is not null
            && !aliases.ContainsKey(alias)
            && aliases.Count >= _options.AliasLimit
        )
            throw new ConflictException(
                $"Model '{Name}' has {aliases.Count} aliases, the most it may have; remove one before adding '{alias}'."
            );
    }

    private ModelState Remember(ModelState state, ModelCommand command) =>
        state with
        {
            Commands =
            [
                .. state.Commands.Skip(
                    Math.Max(0, state.Commands.Count - _options.RecentCommands + 1)
                ),
                command,
            ],
        };

    private ModelCommand? FindCommand(string commandId)
    {
        foreach (var command in _state.Current.Commands)
        {
            if (command.CommandId == commandId)
                return command;
        }
        return null;
    }

    private ModelSnapshot Snapshot()
    {
        var state = _state.Current;
        return new ModelSnapshot
        {
            Name = Name,
            LatestVersion = state.LastVersion,
            Aliases = state.Aliases,
            History = state.History,
            CreatedAt = state.CreatedAt,
            IsPipeline = state.IsPipeline,
        };
    }

    private CatalogChange Row()
    {
        var state = _state.Current;
        return CatalogChange.Upsert(
            CatalogPublisher.Row(
                CatalogKinds.Model,
                Name,
                state.IsPipeline ? CatalogKinds.PipelineStatus : "",
                state.CreatedAt,
                new ModelSummary
                {
                    Name = Name,
                    LatestVersion = state.LastVersion,
                    Aliases = state.Aliases,
                    CreatedAt = state.CreatedAt,
                    UpdatedAt = state.UpdatedAt,
                    IsPipeline = state.IsPipeline,
                }
            )
        );
    }

    private IModelVersionGrain VersionGrain(int version) =>
        GrainFactory.GetGrain<IModelVersionGrain>(new ModelVersionId(Name, version).ToString());

    private static int? Find(IReadOnlyDictionary<string, int> aliases, string alias) =>
        aliases.TryGetValue(alias, out var version) ? version : null;

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The audit log could not take that {Change} was done."
    )]
    private static partial void LogUnrecorded(ILogger logger, string change, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Registered {Version}, made by {Run}.")]
    private static partial void LogRegistered(ILogger logger, ModelVersionId version, string run);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Dataset {Dataset} in the lineage of {Version} is gone; nothing holds it."
    )]
    private static partial void LogDatasetGone(
        ILogger logger,
        ModelVersionId version,
        DatasetVersionId dataset
    );
}
