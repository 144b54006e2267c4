using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Trust;

namespace OrleansMl.Core.Trust;

/// <summary>Keeps this silo's copy of the cluster's keys, replaces the key when it is due, and removes the old one when no token of it can be valid.</summary>
public sealed class ClusterKeyRotation(
    IClusterKeys keys,
    ClusterKeyRing ring,
    IAuditLog audit,
    TimeProvider time,
    IOptions<ClusterTokenOptions> options
)
{
    private const string RotateAction = "cluster.key.rotate";
    private const string RetireAction = "cluster.key.retire";

    // Beside the longest token: what is still on its way.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(1);

    /// <summary>Reads the keys, and does what is due.</summary>
    /// <exception cref="UnavailableException">The database does not answer; the copy stays as it is.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var read = await keys.ReadAsync(cancellationToken);
        ring.Apply(read);
        var now = time.GetUtcNow();
        var days = options.Value.RotationDays;
        if (days > 0 && now - read[0].CreatedAt >= TimeSpan.FromDays(days))
        {
            await RotateByRuleAsync(read[0].Id, days, cancellationToken);
            return;
        }
        // The keys before the newest that signs: their last token was issued when that one began.
        var active = read.ToList()
            .FindIndex(key => key.CreatedAt <= now - options.Value.ActivationDelay);
        if (
            active < 0
            || now - read[active].CreatedAt
                < options.Value.ActivationDelay * 2 + MaxLifetime + Slack
        )
            return;
        foreach (var old in read.Skip(active + 1))
            await RetireAsync(old.Id, read[active].Id, cancellationToken);
    }

    /// <summary>Adds a key, which signs after <see cref="ClusterTokenOptions.ActivationDelay"/>.</summary>
    /// <exception cref="ConflictException">Another was added meanwhile, or the newest does not sign yet.</exception>
    /// <exception cref="UnavailableException">The database does not answer.</exception>
    public async Task<ClusterKeyAnswer> RotateAsync(CancellationToken cancellationToken)
    {
        var read = await keys.ReadAsync(cancellationToken);
        var begins = read[0].CreatedAt + options.Value.ActivationDelay;
        if (read.Count > 1 && begins > time.GetUtcNow())
            throw new ConflictException(
                $"Key '{read[0].Id}' was made at {read[0].CreatedAt:O} and signs from {begins:O}: rotate after that."
            );
        var made =
            await keys.AddAsync(read[0].Id, cancellationToken)
            ?? throw new ConflictException("Another silo rotated the key meanwhile.");
        ring.Apply(await keys.ReadAsync(cancellationToken));
        return new ClusterKeyAnswer
        {
            Id = made,
            SignsFrom = time.GetUtcNow() + options.Value.ActivationDelay,
        };
    }

    private async Task RotateByRuleAsync(
        string newest,
        double days,
        CancellationToken cancellationToken
    )
    {
        var entry = new AuditEntry(
            "rule rotation",
            RotateAction,
            $"cluster-key/{newest}",
            AuditOutcome.Asked,
            $"older than ClusterTokens:RotationDays, {days}",
            Request: $"{RotateAction}/{newest}"
        );
        await audit.RecordAsync(entry, cancellationToken);
        if (await keys.AddAsync(newest, cancellationToken) is not { } made)
            return;
        ring.Apply(await keys.ReadAsync(cancellationToken));
        await audit.RecordAsync(
            entry with
            {
                Outcome = AuditOutcome.Done,
                Detail = $"key {newest} -> {made}",
            },
            cancellationToken
        );
    }

    private async Task RetireAsync(string id, string by, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry(
            "rule rotation",
            RetireAction,
            $"cluster-key/{id}",
            AuditOutcome.Asked,
            $"no token of it can be valid, {by} signs",
            Request: $"{RetireAction}/{id}"
        );
        await audit.RecordAsync(entry, cancellationToken);
        await keys.RemoveAsync(id, cancellationToken);
        await audit.RecordAsync(entry with { Outcome = AuditOutcome.Done }, cancellationToken);
    }
}
