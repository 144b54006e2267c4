using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Storage.Operations;
using OrleansMl.Storage.Tests.Operations;

namespace OrleansMl.Storage.Tests.Serving.Events;

public abstract class EventsContract(DatabaseProvider provider, PostgresServer postgres)
    : DatabaseTest(provider, postgres)
{
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(5);
    private static readonly GroupId Group = new("in", "g");

    private IEventLog Log => Db.Get<IEventLog>();

    private IConsumerGroups Groups => Db.Get<IConsumerGroups>();

    protected static EventMessage Message(string id, string? key = null, string data = "1") =>
        new()
        {
            Id = id,
            Key = key,
            Type = "t",
            Data = Encoding.UTF8.GetBytes(data),
        };

    [Fact]
    public async Task An_event_reads_as_it_was_published_JSON_or_bytes()
    {
        await TopicAsync(partitions: 1);
        var json = Message("1", "k'ü☃", """{"a":[1,null,"☃"]}""");
        var bytes = Message("2") with { Data = new byte[] { 0, 255, 10 }, IsJson = false };
        var empty = Message("3") with { Data = default, IsJson = false, Type = "" };

        await Log.PublishAsync("in", [json, bytes, empty], Token);

        var (events, next) = await Log.ReadAsync("in", new([0]), 10, Token);
        Assert.Equal([0L, 1, 2], events.Select(e => e.Position));
        Assert.Equal(new TopicPosition([3]), next);
        Assert.Equal(["1", "2", "3"], events.Select(e => e.Message.Id));
        Assert.Equal(["k'ü☃", null, null], events.Select(e => e.Message.Key));
        Assert.Equal([true, false, false], events.Select(e => e.Message.IsJson));
        Assert.Equal(json.Data.ToArray(), events[0].Message.Data.ToArray());
        Assert.Equal(bytes.Data.ToArray(), events[1].Message.Data.ToArray());
    }

    [Fact]
    public async Task A_repeated_id_is_the_first_event_again_in_one_call_or_another()
    {
        await TopicAsync();
        var first = await Log.PublishAsync("in", [Message("a", "k"), Message("a", "k")], Token);

        var again = await Log.PublishAsync("in", [Message("b", "k"), Message("a", "x")], Token);

        Assert.False(first[0].Duplicate);
        Assert.Equal(first[0] with { Duplicate = true }, first[1]);
        Assert.Equal(first[0] with { Duplicate = true }, again[1]);
        Assert.Equal(2, await CountAsync("in"));
    }

    [Fact]
    public async Task Publishers_side_by_side_leave_each_id_once_and_no_gap()
    {
        await TopicAsync();
        await using var other = Db.Build();
        var logs = new[] { Log, other.GetRequiredService<IEventLog>() };

        // Each id comes from both, in other batches, and with other keys: the worst case.
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async writer =>
                {
                    foreach (var chunk in Enumerable.Range(0, 60).Chunk(7 + writer))
                        await logs[writer % 2]
                            .PublishAsync(
                                "in",
                                [.. chunk.Select(i => Message($"{i}", $"k{(i + writer) % 5}"))],
                                Token
                            );
                })
        );

        var (events, _) = await Log.ReadAsync("in", new([0, 0, 0, 0]), 1000, Token);
        Assert.Equal(60, events.Select(e => e.Message.Id).Distinct().Count());
        Assert.Equal(60, await CountAsync("in"));
        foreach (var partition in events.GroupBy(e => e.Partition))
            Assert.Equal(
                Enumerable.Range(0, partition.Count()).Select(i => (long)i),
                partition.Select(e => e.Position)
            );
    }

    [Fact]
    public async Task A_wrong_event_refuses_the_whole_batch_naming_it()
    {
        await TopicAsync();

        var error = await Assert.ThrowsAsync<InvalidInputException>(() =>
            Log.PublishAsync("in", [Message("a"), Message("b", data: "{")], Token)
        );
        var large = await Assert.ThrowsAsync<InvalidInputException>(() =>
            Log.PublishAsync("in", [Message("c", data: $"\"{new string('x', 300_000)}\"")], Token)
        );
        await Assert.ThrowsAsync<NotFoundException>(() =>
            Log.PublishAsync("none", [Message("a")], Token)
        );

        Assert.Contains("events[1]", error.Message, StringComparison.Ordinal);
        Assert.Contains("262144", large.Message, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync("in"));
    }

    [Fact]
    public async Task A_commit_is_effect_and_position_together_and_its_repetition_is_nothing()
    {
        await TopicAsync(partitions: 1);
        await Log.PutTopicAsync("out", new TopicSpec { Partitions = 1 }, Token);
        await GroupAsync();
        await Log.PublishAsync("in", [Message("1"), Message("2"), Message("3")], Token);
        var lease = Assert.Single(await Groups.AcquireAsync(Group, "me", Expiry, Token));
        var batch = await Groups.FetchAsync(lease, 2, Token);
        var commit = new EventCommit(0, 2)
        {
            OutputTopic = "out",
            Outputs = [.. batch.Events.Select(e => Message($"out-{e.Message.Id}"))],
        };

        await Groups.CommitAsync(lease, commit, Token);
        await Groups.CommitAsync(lease, commit, Token);
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            Groups.CommitAsync(
                lease,
                new EventCommit(2, 3)
                {
                    OutputTopic = "out",
                    Outputs = [Message("bad", data: "{")],
                },
                Token
            )
        );

        Assert.Equal(2, await CountAsync("out"));
        Assert.Equal(2, (await Groups.FetchAsync(lease, 9, Token)).Position);
        var snapshot = await Groups.GetAsync(Group, Token);
        Assert.Equal((1L, "2"), (snapshot.Lag, snapshot.Position));
    }

    [Fact]
    public async Task Whoever_lost_a_partition_can_commit_nothing()
    {
        await TopicAsync(partitions: 1);
        await Log.PutTopicAsync("out", new TopicSpec { Partitions = 1 }, Token);
        await GroupAsync();
        await Log.PublishAsync("in", [Message("1")], Token);
        var old = Assert.Single(await Groups.AcquireAsync(Group, "old", TimeSpan.Zero, Token));

        var young = Assert.Single(await Groups.AcquireAsync(Group, "young", Expiry, Token));
        await Assert.ThrowsAsync<StaleAttemptException>(() =>
            Groups.CommitAsync(
                old,
                new EventCommit(0, 1) { OutputTopic = "out", Outputs = [Message("o")] },
                Token
            )
        );
        await Assert.ThrowsAsync<StaleAttemptException>(() => Groups.FetchAsync(old, 1, Token));
        await Assert.ThrowsAsync<StaleAttemptException>(() =>
            Groups.FailAsync(old, 0, "x", true, Token)
        );

        Assert.Equal(old.Fence + 1, young.Fence);
        Assert.Equal(0, await CountAsync("out"));
    }

    [Fact]
    public async Task Members_share_partitions_evenly_and_a_leaver_gives_his_up()
    {
        await TopicAsync(partitions: 5);
        await GroupAsync();

        var alone = await Groups.AcquireAsync(Group, "a", Expiry, Token);
        var none = await Groups.AcquireAsync(Group, "b", Expiry, Token);
        var kept = await Groups.AcquireAsync(Group, "a", Expiry, Token);
        var taken = await Groups.AcquireAsync(Group, "b", Expiry, Token);
        await Groups.LeaveAsync(Group, "a", Token);
        var all = await Groups.AcquireAsync(Group, "b", Expiry, Token);

        Assert.Equal([5, 0, 3, 2, 5], new[] { alone, none, kept, taken, all }.Select(l => l.Count));
        Assert.Subset(alone.ToHashSet(), kept.ToHashSet());
        Assert.Empty(kept.Select(l => l.Partition).Intersect(taken.Select(l => l.Partition)));
    }

    [Fact]
    public async Task A_backlog_over_the_limit_refuses_publishers_and_effects_until_it_is_consumed()
    {
        await Log.PutTopicAsync("in", new TopicSpec { Partitions = 1, MaxBacklog = 2 }, Token);
        await GroupAsync();
        await Log.PublishAsync("in", [Message("1"), Message("2")], Token);

        await Assert.ThrowsAsync<OverloadedException>(() =>
            Log.PublishAsync("in", [Message("3")], Token)
        );
        var repeated = await Log.PublishAsync("in", [Message("2")], Token);
        var lease = Assert.Single(await Groups.AcquireAsync(Group, "me", Expiry, Token));
        await Groups.CommitAsync(lease, new EventCommit(0, 1), Token);
        await Log.PublishAsync("in", [Message("3")], Token);

        Assert.True(repeated[0].Duplicate);
        Assert.Equal(2, (await Log.GetTopicAsync("in", Token)).Backlog);
    }

    [Fact]
    public async Task A_dead_letter_keeps_event_and_error_and_is_tried_again_or_discarded()
    {
        await TopicAsync(partitions: 1);
        await Log.PutTopicAsync("out", new TopicSpec { Partitions = 1 }, Token);
        await GroupAsync();
        await Log.PublishAsync("in", [Message("1"), Message("2")], Token);
        var lease = Assert.Single(await Groups.AcquireAsync(Group, "me", Expiry, Token));
        var batch = await Groups.FetchAsync(lease, 9, Token);
        Assert.Equal(1, await Groups.FailAsync(lease, 0, "first", true, Token));
        Assert.Equal(1, await Groups.FailAsync(lease, 0, "away", false, Token));
        Assert.Equal(2, await Groups.FailAsync(lease, 0, "second", true, Token));
        await Groups.CommitAsync(
            lease,
            new EventCommit(0, 2)
            {
                Dead = [.. batch.Events.Select(e => new FailedEvent(e, 2, "second"))],
            },
            Token
        );
        var dead = await Groups.ListDeadAsync(Group, 0, 10, Token);
        Assert.Equal(["1", "2"], dead.Select(letter => letter.Event.Message.Id));
        Assert.All(dead, letter => Assert.Equal((2, "second"), (letter.Tries, letter.Error)));

        Assert.Equal(1, await Groups.RetryDeadAsync(Group, [new EventPlace(0, 1)], Token));
        var retried = Assert.Single((await Groups.FetchAsync(lease, 9, Token)).Retried);
        var commit = new EventCommit(2, 2)
        {
            OutputTopic = "out",
            Outputs = [Message("o-2")],
            Retried = [retried.Position],
        };
        await Groups.CommitAsync(lease, commit, Token);
        await Assert.ThrowsAsync<StaleAttemptException>(() =>
            Groups.CommitAsync(lease, commit, Token)
        );
        Assert.Equal(1, await Groups.DiscardDeadAsync(Group, [], Token));

        Assert.Empty(await Groups.ListDeadAsync(Group, 0, 10, Token));
        Assert.Equal(1, await CountAsync("out"));
    }

    [Fact]
    public async Task A_retried_letter_that_fails_again_is_dead_again()
    {
        await TopicAsync(partitions: 1);
        await GroupAsync();
        await Log.PublishAsync("in", [Message("1")], Token);
        var lease = Assert.Single(await Groups.AcquireAsync(Group, "me", Expiry, Token));
        var letter = (await Groups.FetchAsync(lease, 9, Token)).Events[0];
        await Groups.CommitAsync(
            lease,
            new EventCommit(0, 1) { Dead = [new FailedEvent(letter, 1, "a")] },
            Token
        );
        await Groups.RetryDeadAsync(Group, [], Token);

        await Groups.CommitAsync(
            lease,
            new EventCommit(1, 1) { Dead = [new FailedEvent(letter, 2, "b")] },
            Token
        );

        var dead = Assert.Single(await Groups.ListDeadAsync(Group, 0, 10, Token));
        Assert.Equal((2, "b", false), (dead.Tries, dead.Error, dead.Retrying));
        Assert.Empty((await Groups.FetchAsync(lease, 9, Token)).Retried);
    }

    [Fact]
    public async Task A_moved_group_refuses_its_consumer_and_delivers_from_there()
    {
        await TopicAsync(partitions: 1);
        await GroupAsync();
        await Log.PublishAsync("in", [Message("1"), Message("2"), Message("3")], Token);
        var lease = Assert.Single(await Groups.AcquireAsync(Group, "me", Expiry, Token));
        await Groups.CommitAsync(lease, new EventCommit(0, 3), Token);
        var before = await Groups.GetAsync(Group, Token);

        var moved = await Groups.SeekAsync(Group, "1", recompute: true, Token);

        await Assert.ThrowsAsync<StaleAttemptException>(() => Groups.FetchAsync(lease, 1, Token));
        var again = Assert.Single(await Groups.AcquireAsync(Group, "me", Expiry, Token));
        Assert.Equal("2", (await Groups.FetchAsync(again, 1, Token)).Events[0].Message.Id);
        Assert.Equal(before.Epoch + 1, moved.Epoch);
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            Groups.SeekAsync(Group, "yesterday-ish", recompute: false, Token)
        );
        Assert.Equal(
            "3",
            (await Groups.SeekAsync(Group, "2999-01-01T00:00:00Z", false, Token)).Position
        );
        Assert.Equal(
            "0",
            (await Groups.SeekAsync(Group, "2001-01-01T00:00:00Z", false, Token)).Position
        );
    }

    [Fact]
    public async Task A_paused_group_has_no_leases_and_goes_on_where_it_was()
    {
        await TopicAsync(partitions: 1);
        await GroupAsync();
        var before = Assert.Single(await Groups.AcquireAsync(Group, "me", Expiry, Token));

        await Groups.SetPausedAsync(Group, true, "why", Token);
        Assert.Empty(await Groups.AcquireAsync(Group, "me", Expiry, Token));
        var paused = await Groups.GetAsync(Group, Token);
        await Groups.SetPausedAsync(Group, false, "", Token);

        Assert.Equal("why", paused.Reason);
        Assert.Equal(
            before.Fence + 1,
            Assert.Single(await Groups.AcquireAsync(Group, "me", Expiry, Token)).Fence
        );
    }

    [Fact]
    public async Task Trimming_takes_what_is_old_and_consumed_and_nothing_else()
    {
        await Log.PutTopicAsync(
            "in",
            new TopicSpec
            {
                Partitions = 1,
                RetentionHours = 1e-9,
                DedupeHours = 1e-9,
            },
            Token
        );
        await GroupAsync();
        await Log.PublishAsync("in", [Message("1"), Message("2"), Message("3")], Token);
        var lease = Assert.Single(await Groups.AcquireAsync(Group, "me", Expiry, Token));
        await Groups.CommitAsync(lease, new EventCommit(0, 2), Token);

        var trimmed = await Log.TrimAsync(Token);

        Assert.Equal(2, trimmed);
        var (events, next) = await Log.ReadAsync("in", new([0]), 10, Token);
        Assert.Equal("3", Assert.Single(events).Message.Id);
        Assert.Equal(new TopicPosition([3]), next);
        Assert.Equal(1, (await Log.GetTopicAsync("in", Token)).Partitions[0].Bytes);
        Assert.True((await Log.PublishAsync("in", [Message("3")], Token))[0].Duplicate);
        Assert.False((await Log.PublishAsync("in", [Message("1")], Token))[0].Duplicate);
    }

    [Fact]
    public async Task Trimming_by_bytes_keeps_the_newest()
    {
        await Log.PutTopicAsync(
            "in",
            new TopicSpec { Partitions = 1, RetentionBytes = 1 << 20 },
            Token
        );
        var data = $"\"{new string('x', 200_000)}\"";
        for (var i = 0; i < 8; i++)
            await Log.PublishAsync("in", [Message($"{i}", data: data)], Token);

        await Log.TrimAsync(Token);

        var partition = (await Log.GetTopicAsync("in", Token)).Partitions[0];
        Assert.Equal((3L, 8L), (partition.First, partition.Next));
        Assert.Equal(5 * 200_002, partition.Bytes);
    }

    [Fact]
    public async Task Answers_may_not_come_back_to_where_they_came_from()
    {
        await TopicAsync();
        foreach (var topic in new[] { "b", "c" })
            await Log.PutTopicAsync(topic, TopicSpec.Default, Token);
        await SubscribeAsync("in", "b");
        await SubscribeAsync("b", "c");

        await Assert.ThrowsAsync<ConflictException>(() => SubscribeAsync("c", "in"));
        await Assert.ThrowsAsync<InvalidInputException>(() => SubscribeAsync("in", "in"));
        await Assert.ThrowsAsync<NotFoundException>(() => SubscribeAsync("in", "none"));
        await Assert.ThrowsAsync<ConflictException>(() => Log.DeleteTopicAsync("c", Token));
        await Groups.DeleteAsync(new GroupId("b", "s"), Token);
        await Log.DeleteTopicAsync("c", Token);

        Assert.Equal(["b", "in"], (await Log.ListTopicsAsync(Token)).Select(t => t.Name));
    }

    [Fact]
    public async Task A_group_keeps_its_kind_and_a_topic_its_partitions()
    {
        await TopicAsync();
        await GroupAsync();

        await Assert.ThrowsAsync<ConflictException>(() =>
            Groups.PutAsync(
                Group,
                new GroupDefinition(GroupKind.Bridge, new ConsumerGroupSpec()),
                Token
            )
        );
        await Assert.ThrowsAsync<ConflictException>(() => TopicAsync(partitions: 5));
    }

    [Fact]
    public async Task A_source_outside_commits_its_messages_with_its_position()
    {
        await TopicAsync();
        var source = new GroupId("nats:stream:1", "bridge");
        await Groups.EnsureSourceAsync(source, Token);
        await Groups.EnsureSourceAsync(source, Token);
        var lease = Assert.Single(await Groups.AcquireAsync(source, "me", Expiry, Token));
        var commit = new EventCommit(null, 42) { OutputTopic = "in", Outputs = [Message("m-41")] };

        await Groups.CommitAsync(lease, commit, Token);
        await Groups.CommitAsync(lease, commit, Token);

        Assert.Equal(42, (await Groups.FetchAsync(lease, 1, Token)).Position);
        Assert.Equal(1, await CountAsync("in"));
    }

    private Task<TopicSnapshot> TopicAsync(int partitions = 4) =>
        Log.PutTopicAsync("in", new TopicSpec { Partitions = partitions }, Token);

    private Task<ConsumerGroupSnapshot> GroupAsync() =>
        Groups.PutAsync(
            Group,
            new GroupDefinition(GroupKind.Consumer, new ConsumerGroupSpec()),
            Token
        );

    private Task<ConsumerGroupSnapshot> SubscribeAsync(string topic, string output)
    {
        var spec = new SubscriptionSpec { Model = "m", Output = output };
        return Groups.PutAsync(
            new GroupId(topic, "s"),
            new GroupDefinition(GroupKind.Subscription, EventChecks.GroupOf(spec), spec),
            Token
        );
    }

    private async Task<long> CountAsync(string topic) =>
        (await Log.GetTopicAsync(topic, Token)).Partitions.Sum(p => p.Next - p.First);
}
