namespace OrleansMl.Silo.Operations;

/// <summary>
/// How soon a cluster notices a dead silo. Section <c>Membership</c>. With the defaults, callers of a killed silo recover
/// within some 5 s; Orleans' own defaults take up to half a minute. Shorter times declare silos dead that are only slow,
/// and a silo that was declared dead ends itself.
/// </summary>
internal sealed class MembershipOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Membership";

    /// <summary>Seconds after which a probe counts as missed, and between probes. Default 1.</summary>
    public double ProbeTimeoutSeconds { get; set; } = 1;

    /// <summary>Missed probes in a row after which a silo is suspected. Default 3.</summary>
    public int MissedProbes { get; set; } = 3;

    /// <summary>Silos that must suspect another before it is declared dead; in a small cluster, Orleans asks for no more than half of those alive. Default 2: one silo with a bad network can't evict the others.</summary>
    public int VotesForDeath { get; set; } = 2;

    /// <summary>Silos that each silo probes. Default 5.</summary>
    public int ProbedSilos { get; set; } = 5;

    /// <summary>Seconds between readings of the membership table, beside gossip. Default 10.</summary>
    public double TableRefreshSeconds { get; set; } = 10;

    /// <summary>Seconds between a silo's own marks in the membership table. Three missed ones let a restarted silo pass over entries of a cluster that died as a whole. Default 5.</summary>
    public double AliveMarkSeconds { get; set; } = 5;

    /// <summary>Seconds after which a call between silos fails. Default 20: longer than a failover, shorter than the patience of people.</summary>
    public double ResponseTimeoutSeconds { get; set; } = 20;

    /// <summary>What is wrong with these values.</summary>
    public IEnumerable<string> Validate()
    {
        foreach (
            var (key, value, least, most) in new[]
            {
                (nameof(ProbeTimeoutSeconds), ProbeTimeoutSeconds, 0.2, 60),
                (nameof(TableRefreshSeconds), TableRefreshSeconds, 1, 600),
                (nameof(AliveMarkSeconds), AliveMarkSeconds, 1, 600),
                (nameof(ResponseTimeoutSeconds), ResponseTimeoutSeconds, 1, 600),
            }
        )
        {
            if (!(value >= least && value <= most))
                yield return $"{Section}:{key}: expected {least} to {most}, got {value}.";
        }
        if (MissedProbes is < 1 or > 20)
            yield return $"{Section}:{nameof(MissedProbes)}: expected 1 to 20, got {MissedProbes}.";
        if (ProbedSilos is < 1 or > 100)
            yield return $"{Section}:{nameof(ProbedSilos)}: expected 1 to 100, got {ProbedSilos}.";
        if (VotesForDeath < 1 || VotesForDeath > ProbedSilos)
            yield return $"{Section}:{nameof(VotesForDeath)}: expected 1 to {nameof(ProbedSilos)} ({ProbedSilos}), got {VotesForDeath}.";
    }
}
