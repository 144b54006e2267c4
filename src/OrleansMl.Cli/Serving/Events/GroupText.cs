using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Cli.Serving.Events;

/// <summary>Groups as text.</summary>
internal static class GroupText
{
    public static void Table(CliSession session, IReadOnlyList<ConsumerGroupSnapshot> groups) =>
        session.Table(
            ["group", "kind", "state", "lag", "dead", "position", "model"],
            groups.Select(
                IReadOnlyList<string> (g) =>
                    [
                        g.Group,
                        $"{g.Kind}".ToLowerInvariant(),
                        g.Paused ? "paused" : "active",
                        TextFormat.Count(g.Lag),
                        TextFormat.Count(g.Dead),
                        g.Position,
                        g.Subscription?.Model ?? "",
                    ]
            )
        );

    public static void Show(CliSession session, ConsumerGroupSnapshot group)
    {
        Table(session, [group]);
        if (group.Reason.Length > 0)
            session.Line($"paused: {group.Reason}");
        session.Table(
            ["partition", "position", "lag", "owner", "tries", "last error"],
            group.Partitions.Select(
                IReadOnlyList<string> (p) =>
                    [
                        $"{p.Partition}",
                        $"{p.Position}",
                        $"{p.Lag}",
                        p.Owner ?? "",
                        $"{p.Tries}",
                        p.LastError ?? "",
                    ]
            )
        );
    }
}
