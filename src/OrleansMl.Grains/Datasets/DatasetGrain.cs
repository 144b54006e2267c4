using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Artifacts;
using OrleansMl.Core.Operations;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Datasets;

/// <summary>
/// A dataset's versions and who needs them. Like a model's registration, a commit is written as pending before its
/// traces are made and as done after, and a deletion is written before its traces are removed; the next call completes
/// what a dead silo left.
/// </summary>
[GrainType("dataset")]
internal sealed partial class DatasetGrain : Grain, IDatasetGrain
{
    private const int HoldersNamed = 10;
    private const int SourceLength = 500;
    private readonly DurableState<DatasetState> _state;
    private readonly CatalogPublisher _catalog;
    private readonly IArtifactReferences _references;
    private readonly DatasetOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public DatasetGrain(
        [PersistentState("dataset", GrainStorageNames.Default)]
            IPersistentState<DatasetState> state,
        ICatalog catalog,
        IArtifactReferences references,
        IOptions<DatasetOptions> options,
        TimeProvider time,
        ILogger<DatasetGrain> logger
    )
    {
        _state = new DurableState<DatasetState>(state, GrainContext, logger);
        _catalog = new CatalogPublisher(this, catalog, logger);
        _references = references;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    private string Name => this.GetPrimaryKeyString();

    private int LatestVersion => _state.Current.Versions is [.., var newest] ? newest.Version : 0;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (_state.Current.LastVersion > 0)
            await _catalog.PublishAsync(Row);
    }

    public async Task<DatasetManifest> CommitAsync(
        DatasetCommit commit,
        CancellationToken cancellationToken
    )
    {
        DatasetChecks.Check(Name, commit);
        await CompletePendingAsync(cancellationToken);
        if (
            _state.Current.Commands.FirstOrDefault(c => c.CommandId == commit.CommandId) is { } done
        )
            return await AnswerAgainAsync(done, commit, cancellationToken);

        var state = _state.Current;
        if (state.Versions.Count >= _options.VersionLimit)
            throw new ConflictException(
                $"Dataset '{Name}' has {state.Versions.Count} versions, the most it may have; delete one first."
            );
        var manifest = await DraftAsync(commit, cancellationToken);
        DatasetChecks.CheckRows(manifest);
        DatasetChecks.CheckSize(manifest, _options.MaxManifestBytes);
        await _references.AddAsync(
            $"dataset/{manifest.Id}",
            [.. manifest.Shards.Select(shard => shard.Artifact).Distinct()],
            cancellationToken
        );
        await _state.CommitAsync(
            state with
            {
                Pending = new PendingCommit { CommandId = commit.CommandId, Manifest = manifest },
            }
        );
        await CompletePendingAsync(cancellationToken);
        return manifest;
    }

    public async Task<DatasetSnapshot?> GetAsync(CancellationToken cancellationToken)
    {
        var state = _state.Current;
        if (state.LastVersion == 0)
            return null;
        return new DatasetSnapshot
        {
            Name = Name,
            LatestVersion = LatestVersion,
            Versions = [.. state.Versions.Select(entry => entry.Version)],
            Holds = state.Holds,
            Latest = await GetVersionAsync(null, cancellationToken),
        };
    }

    public Task<DatasetManifest?> GetVersionAsync(int? version, CancellationToken cancellationToken)
    {
        var number = version ?? LatestVersion;
        return Has(number)
            ? VersionGrain(number).GetAsync(cancellationToken)
            : Task.FromResult<DatasetManifest?>(null);
    }

    public async Task HoldAsync(DatasetHold hold, CancellationToken cancellationToken)
    {
        if (
            string.IsNullOrWhiteSpace(hold.Holder)
            || hold.Holder.Length > CommandIds.MaxLength + 10
        )
            throw new InvalidInputException(
                $"hold on dataset '{Name}': expected a holder's name, got '{hold.Holder}'."
            );
        var state = _state.Current;
        if (!Has(hold.Version))
            throw NoVersion(hold.Version);
        if (state.Holds.Contains(hold))
            return;
        if (state.Holds.Count >= _options.HoldLimit)
            throw new ConflictException(
                $"Dataset '{Name}' is needed by {state.Holds.Count} runs and model versions, the most that may be."
            );
        await _state.CommitAsync(state with { Holds = [.. state.Holds, hold] });
    }

    public async Task ReleaseAsync(string holder, CancellationToken cancellationToken)
    {
        var state = _state.Current;
        if (state.Holds.Any(hold => hold.Holder == holder))
            await _state.CommitAsync(
                state with
                {
                    Holds = [.. state.Holds.Where(hold => hold.Holder != holder)],
                }
            );
    }

    public async Task DeleteAsync(int? version, CancellationToken cancellationToken)
    {
        await CompletePendingAsync(cancellationToken);
        var state = _state.Current;
        // A version that was deleted before is gone, as asked: a repeated command gets the first answer.
        if (state.LastVersion == 0 || version < 1 || version > state.LastVersion)
            throw version is { } number ? NoVersion(number) : NoDataset();
        var gone = state
            .Versions.Where(entry => version is null || entry.Version == version)
            .Select(entry => entry.Version)
            .ToList();
        var holders = state
            .Holds.Where(hold => gone.Contains(hold.Version))
            .Select(hold => $"{hold.Holder} (version {hold.Version})")
            .ToList();
        if (holders.Count > 0)
            throw new ConflictException(
                $"Dataset '{Name}'{(version is null ? "" : $" version {version}")} is needed by {string.Join(", ", holders.Take(HoldersNamed))}{(holders.Count > HoldersNamed ? $" and {holders.Count - HoldersNamed} more" : "")}; nothing was deleted."
            );
        if (gone.Count > 0)
            await _state.CommitAsync(
                state with
                {
                    Versions = [.. state.Versions.Where(entry => !gone.Contains(entry.Version))],
                    Deleting = [.. state.Deleting, .. gone],
                }
            );
        await CompleteDeletionsAsync(cancellationToken);
        await _catalog.PublishAsync(Row);
    }

    private async Task<DatasetManifest> DraftAsync(
        DatasetCommit commit,
        CancellationToken cancellationToken
    )
    {
        DatasetManifest? parent = null;
        if (commit.AppendTo is { } appendTo)
        {
            if (!Has(appendTo))
                throw NoVersion(appendTo);
            if (appendTo != LatestVersion)
                throw new ConflictException(
                    $"Rows can only be appended to the newest version of dataset '{Name}', which is {LatestVersion}, not {appendTo}; import again."
                );
            parent =
                await VersionGrain(appendTo).GetAsync(cancellationToken)
                ?? throw new UnavailableException(
                    $"The manifest of dataset {Name}@{appendTo} can't be read; try again."
                );
            DatasetChecks.CheckAppend(parent, commit);
        }
        var id = new DatasetVersionId(Name, _state.Current.LastVersion + 1);
        DatasetShard[] shards =
        [
            .. parent?.Shards ?? [],
            .. commit.NewShards.Select(shard => shard with { SinceVersion = id.Version }),
        ];
        return new DatasetManifest
        {
            Id = id,
            Parent = commit.AppendTo,
            Schema = commit.Schema,
            Shards = shards,
            Splits = commit.Splits,
            Statistics = commit.Statistics,
            Rows = shards.Sum(shard => shard.Rows),
            Bytes = shards.Sum(shard => shard.Bytes),
            Source = commit.Source,
            CreatedAt = _time.GetUtcNow(),
            Lineage = commit.Lineage,
        };
    }

    private async Task CompletePendingAsync(CancellationToken cancellationToken)
    {
        await CompleteDeletionsAsync(cancellationToken);
        if (_state.Current.Pending is not { } pending)
            return;
        var manifest = pending.Manifest;
        await VersionGrain(manifest.Id.Version).CreateAsync(manifest, cancellationToken);
        var state = _state.Current;
        var entry = new DatasetVersionEntry
        {
            Version = manifest.Id.Version,
            Rows = manifest.Rows,
            Bytes = manifest.Bytes,
            Columns = manifest.Schema.Count,
            Splits = manifest.Statistics.ToDictionary(split => split.Split, split => split.Rows),
            Source =
                manifest.Source.Length > SourceLength
                    ? manifest.Source[..SourceLength]
                    : manifest.Source,
            CreatedAt = manifest.CreatedAt,
        };
        await _state.CommitAsync(
            state with
            {
                LastVersion = manifest.Id.Version,
                CreatedAt = state.LastVersion == 0 ? manifest.CreatedAt : state.CreatedAt,
                Versions = [.. state.Versions, entry],
                Pending = null,
                Commands =
                [
                    .. state.Commands.Skip(
                        Math.Max(0, state.Commands.Count - _options.RecentCommands + 1)
                    ),
                    new DatasetCommand
                    {
                        CommandId = pending.CommandId,
                        Version = manifest.Id.Version,
                    },
                ],
            }
        );
        LogCommitted(_logger, manifest.Id, manifest.Rows, manifest.Bytes);
        await _catalog.PublishAsync(Row);
    }

    private async Task CompleteDeletionsAsync(CancellationToken cancellationToken)
    {
        var deleting = _state.Current.Deleting;
        if (deleting.Count == 0)
            return;
        foreach (var version in deleting)
        {
            await VersionGrain(version).DeleteAsync(cancellationToken);
            await _references.ReleaseAsync($"dataset/{Name}@{version}", cancellationToken);
            LogDeleted(_logger, Name, version);
        }
        await _state.CommitAsync(_state.Current with { Deleting = [] });
    }

    private async Task<DatasetManifest> AnswerAgainAsync(
        DatasetCommand done,
        DatasetCommit commit,
        CancellationToken cancellationToken
    )
    {
        var manifest = await GetVersionAsync(done.Version, cancellationToken);
        if (manifest is null)
            throw new ConflictException(
                $"Command '{done.CommandId}' made {Name}@{done.Version}, which was deleted since; choose a new id to import again."
            );
        var same = manifest
            .Shards.Where(shard => shard.SinceVersion == done.Version)
            .Select(shard => shard.Artifact)
            .SequenceEqual(commit.NewShards.Select(shard => shard.Artifact));
        return same
            ? manifest
            : throw new ConflictException(
                $"Command '{done.CommandId}' of dataset '{Name}' was another one; choose a new id for a new command."
            );
    }

    private CatalogChange Row()
    {
        var state = _state.Current;
        if (state.Versions is not [.., var newest])
            return new CatalogChange(CatalogKinds.Dataset, Name, null);
        return CatalogChange.Upsert(
            CatalogPublisher.Row(
                CatalogKinds.Dataset,
                Name,
                "",
                state.CreatedAt,
                new DatasetSummary
                {
                    Name = Name,
                    LatestVersion = newest.Version,
                    Versions = state.Versions.Count,
                    Rows = newest.Rows,
                    Bytes = newest.Bytes,
                    Columns = newest.Columns,
                    Splits = newest.Splits,
                    Source = newest.Source,
                    CreatedAt = state.CreatedAt,
                    UpdatedAt = newest.CreatedAt,
                }
            )
        );
    }

    private bool Has(int version) => _state.Current.Versions.Any(entry => entry.Version == version);

    private NotFoundException NoDataset() => new($"There is no dataset '{Name}'.");

    private NotFoundException NoVersion(int version) =>
        _state.Current.Versions is [.., var newest]
            ? new($"Dataset '{Name}' has no version {version}; its newest is {newest.Version}.")
            : NoDataset();

    private IDatasetVersionGrain VersionGrain(int version) =>
        GrainFactory.GetGrain<IDatasetVersionGrain>(new DatasetVersionId(Name, version).ToString());

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Committed dataset {Version}: {Rows} rows, {Bytes} bytes."
    )]
    private static partial void LogCommitted(
        ILogger logger,
        DatasetVersionId version,
        long rows,
        long bytes
    );

    [LoggerMessage(Level = LogLevel.Information, Message = "Deleted dataset {Name}@{Version}.")]
    private static partial void LogDeleted(ILogger logger, string name, int version);
}
