using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Limits;
using OrleansMl.Core.Trust;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Trust;

/// <summary>The API keys of the cluster. A change is durable first, then pushed to every silo.</summary>
[GrainType("api-key-ring")]
internal sealed partial class ApiKeyRingGrain(
    [PersistentState("api-key-ring", GrainStorageNames.Default)]
        IPersistentState<ApiKeyRingState> state,
    KeyRingPush push,
    TimeProvider time,
    IOptions<KeyRingOptions> options,
    ILogger<ApiKeyRingGrain> logger
) : Grain, IApiKeyRingGrain
{
    // A caller repeats a command soon or never.
    private const int RecentCommands = 64;
    private static readonly TimeSpan MaxGrace = TimeSpan.FromDays(30);
    private DurableState<ApiKeyRingState>? _state;

    private DurableState<ApiKeyRingState> State =>
        _state ??= new DurableState<ApiKeyRingState>(state, GrainContext, logger);

    public Task<ApiKeyRing> GetAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Ring(State.Current));

    public Task<ApiKeyOutcome> CreateAsync(
        ApiKeyChange change,
        CancellationToken cancellationToken
    ) => ChangeAsync(change, Create);

    public Task<ApiKeyOutcome> RotateAsync(
        ApiKeyChange change,
        CancellationToken cancellationToken
    ) => ChangeAsync(change, Rotate);

    public Task<ApiKeyOutcome> RevokeAsync(
        ApiKeyChange change,
        CancellationToken cancellationToken
    ) => ChangeAsync(change, Revoke);

    public Task<ApiKeyOutcome> LimitAsync(
        ApiKeyChange change,
        CancellationToken cancellationToken
    ) => ChangeAsync(change, Limit);

    private async Task<ApiKeyOutcome> ChangeAsync(
        ApiKeyChange change,
        Func<ApiKeyRingState, ApiKeyChange, ApiKeyRingState> apply
    )
    {
        CommandIds.Check(change.CommandId);
        var now = State.Current;
        var id = change.Id;
        var repeated = false;
        if (now.Commands.FirstOrDefault(c => c.CommandId == change.CommandId) is { } before)
        {
            (id, repeated) = (before.KeyId, true);
        }
        else
        {
            var next = apply(now, change);
            await State.CommitAsync(
                next with
                {
                    Revision = now.Revision + 1,
                    Commands =
                    [
                        .. now.Commands.Skip(Math.Max(0, now.Commands.Count - RecentCommands + 1)),
                        new ApiKeyCommand { CommandId = change.CommandId, KeyId = id },
                    ],
                }
            );
            LogChanged(logger, id, State.Current.Revision, change.By);
        }
        // A repeated command is pushed again: the first push may have been cut short.
        var (confirmed, unconfirmed) = await push.SendAsync(Ring(State.Current));
        return new ApiKeyOutcome
        {
            Key = Find(State.Current, id).Key,
            Repeated = repeated,
            Confirmed = confirmed,
            Unconfirmed = unconfirmed,
        };
    }

    private ApiKeyRingState Create(ApiKeyRingState now, ApiKeyChange change)
    {
        var problems = ModelPatterns.Problems(change.Models).ToList();
        problems.AddRange(LimitPolicyChecks.Problems(change.Limits));
        if (!ResourceName.IsValid(change.Name))
            problems.Add(
                $"name: expected 1 to {ResourceName.MaxLength} lower-case letters, digits, '.', '_' and '-', got '{change.Name}'."
            );
        if (change.Roles.Count == 0 || !change.Roles.All(Enum.IsDefined))
            problems.Add(
                $"roles: expected one or more of {string.Join(", ", Enum.GetNames<AccessRole>()).ToLowerInvariant()}, got '{string.Join(", ", change.Roles)}'."
            );
        if (change.ExpiresAt <= time.GetUtcNow())
            problems.Add($"expiresAt: expected a time to come, got {change.ExpiresAt:O}.");
        if (problems.Count > 0)
            throw new InvalidInputException(string.Join(' ', problems));
        var living = now.Keys.Count(key => key.Key.RevokedAt is null);
        if (living >= options.Value.KeyLimit)
            throw new InvalidInputException(
                $"There are {living} keys, the most that {KeyRingOptions.Section}:{nameof(KeyRingOptions.KeyLimit)} allows: revoke some."
            );
        if (now.Keys.Any(key => key.Key.RevokedAt is null && key.Key.Name == change.Name))
            throw new ConflictException(
                $"There is a key named '{change.Name}': rotate or revoke it, or choose another name."
            );
        var added = new ApiKeyCredential
        {
            Key = new ApiKeySnapshot
            {
                Id = change.Id,
                Name = change.Name,
                Roles = [.. change.Roles.Distinct()],
                Models = change.Models,
                CreatedAt = time.GetUtcNow(),
                CreatedBy = change.By,
                ExpiresAt = change.ExpiresAt,
                Limits = change.Limits,
            },
            Digest = change.Digest,
        };
        return now with { Keys = [.. Forget(now.Keys), added] };
    }

    private ApiKeyRingState Rotate(ApiKeyRingState now, ApiKeyChange change)
    {
        var old = Find(now, change.Id);
        if (change.Grace < TimeSpan.Zero || change.Grace > MaxGrace)
            throw new InvalidInputException(
                $"graceSeconds: expected 0 to {MaxGrace.TotalSeconds}, got {change.Grace.TotalSeconds}."
            );
        if (old.Key.RevokedAt is { } revoked)
            throw new ConflictException(
                $"Key '{old.Key.Name}' ({old.Key.Id}) was revoked at {revoked:O}: create another."
            );
        if (old.Key.ExpiresAt <= time.GetUtcNow())
            throw new ConflictException(
                $"Key '{old.Key.Name}' ({old.Key.Id}) expired at {old.Key.ExpiresAt:O}: create another."
            );
        return Replace(
            now,
            old with
            {
                Digest = change.Digest,
                PreviousDigest = old.Digest,
                Key = old.Key with
                {
                    RotatedAt = time.GetUtcNow(),
                    PreviousUntil = time.GetUtcNow() + change.Grace,
                },
            }
        );
    }

    private ApiKeyRingState Revoke(ApiKeyRingState now, ApiKeyChange change)
    {
        var old = Find(now, change.Id);
        return Replace(
            now,
            old with
            {
                Key = old.Key with { RevokedAt = old.Key.RevokedAt ?? time.GetUtcNow() },
            }
        );
    }

    private ApiKeyRingState Limit(ApiKeyRingState now, ApiKeyChange change)
    {
        LimitPolicyChecks.Require(change.Limits);
        var old = Find(now, change.Id);
        return Replace(now, old with { Key = old.Key with { Limits = change.Limits } });
    }

    // Revoked keys stay for the record, as many as may live; the oldest go first.
    private IEnumerable<ApiKeyCredential> Forget(IReadOnlyList<ApiKeyCredential> keys)
    {
        var surplus = keys.Count(key => key.Key.RevokedAt is not null) - options.Value.KeyLimit;
        return keys.Where(key => key.Key.RevokedAt is null || surplus-- <= 0);
    }

    private static ApiKeyRingState Replace(ApiKeyRingState now, ApiKeyCredential changed) =>
        now with
        {
            Keys = [.. now.Keys.Select(key => key.Key.Id == changed.Key.Id ? changed : key)],
        };

    private static ApiKeyCredential Find(ApiKeyRingState now, string id) =>
        now.Keys.FirstOrDefault(key => key.Key.Id == id)
        ?? throw new NotFoundException($"There is no key with the id '{id}'.");

    private static ApiKeyRing Ring(ApiKeyRingState of) =>
        new() { Revision = of.Revision, Keys = of.Keys };

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "API key {Id} was changed by {By}: revision {Revision}."
    )]
    private static partial void LogChanged(ILogger logger, string id, long revision, string by);
}
