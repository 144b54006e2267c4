using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Grains.Serving.Events;
using OrleansMl.Storage;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Grains.Tests.Serving.Events;

public sealed class PartitionConsumerTests : IAsyncLifetime
{
    private static readonly GroupId Group = new("in", "s");
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-consumer-").FullName;
    private ServiceProvider _storage = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IEventLog Log => _storage.GetRequiredService<IEventLog>();

    private IConsumerGroups Groups => _storage.GetRequiredService<IConsumerGroups>();

    public async ValueTask InitializeAsync()
    {
        var options = new StorageOptions();
        options.Database.ConnectionString = $"Data Source={Path.Combine(_folder, "oml.db")}";
        options.Artifacts.Path = Path.Combine(_folder, "artifacts");
        _storage = new ServiceCollection()
            .AddLogging()
            .AddOrleansMlStorage(options)
            .BuildServiceProvider();
        await _storage.GetRequiredService<IDatabaseMigrator>().MigrateAsync(Token);
        await Log.PutTopicAsync("in", new TopicSpec { Partitions = 1 }, Token);
        await Log.PutTopicAsync("out", new TopicSpec { Partitions = 1, MaxBacklog = 3 }, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Each_event_is_answered_once_in_order()
    {
        await PublishAsync("1", "2", "3", "4", "5");

        await ConsumeAsync(new Handler(), until: 5);

        Assert.Equal(["o-1", "o-2", "o-3", "o-4", "o-5"], await OutputsAsync());
    }

    [Fact]
    public async Task A_poison_event_is_a_dead_letter_and_its_neighbours_are_answered()
    {
        await PublishAsync("1", "2", "3");

        await ConsumeAsync(
            new Handler { Fault = e => e == "2" ? new InvalidInputException("never fits") : null },
            until: 3
        );

        Assert.Equal(["o-1", "o-3"], await OutputsAsync());
        var dead = Assert.Single(await Groups.ListDeadAsync(Group, 0, 10, Token));
        Assert.Equal(("2", "never fits", 1), (dead.Event.Message.Id, dead.Error, dead.Tries));
    }

    [Fact]
    public async Task A_failing_event_is_tried_as_often_as_it_may_and_then_dead()
    {
        await PublishAsync("1", "2");
        var handler = new Handler
        {
            Fault = e => e == "2" ? new InvalidOperationException("fails") : null,
        };

        await ConsumeAsync(handler, until: 2, maxTries: 3);

        var dead = Assert.Single(await Groups.ListDeadAsync(Group, 0, 10, Token));
        Assert.Equal(("2", 3), (dead.Event.Message.Id, dead.Tries));
        // Three tries of the batch, then each alone.
        Assert.Equal(5, handler.Calls);
        Assert.Equal(["o-1"], await OutputsAsync());
    }

    [Fact]
    public async Task A_failure_that_passes_is_no_dead_letter()
    {
        await PublishAsync("1");
        var left = 2;

        await ConsumeAsync(
            new Handler
            {
                Fault = _ => left-- > 0 ? new InvalidOperationException("once more") : null,
            },
            until: 1,
            maxTries: 5
        );

        Assert.Equal(["o-1"], await OutputsAsync());
        Assert.Empty(await Groups.ListDeadAsync(Group, 0, 10, Token));
    }

    [Fact]
    public async Task A_model_that_is_away_is_waited_for_beyond_the_tries()
    {
        await PublishAsync("1");
        var left = 6;

        await ConsumeAsync(
            new Handler { Fault = _ => left-- > 0 ? new UnavailableException("loading") : null },
            until: 1,
            maxTries: 2
        );

        Assert.Equal(["o-1"], await OutputsAsync());
        Assert.Empty(await Groups.ListDeadAsync(Group, 0, 10, Token));
    }

    [Fact]
    public async Task The_policy_pause_stops_before_the_event_that_fails()
    {
        await PublishAsync("1", "2", "3");

        await ConsumeAsync(
            new Handler { Fault = e => e == "2" ? new InvalidInputException("never fits") : null },
            until: null,
            onExhausted: ExhaustedPolicy.Pause
        );

        var group = await Groups.GetAsync(Group, Token);
        Assert.Equal((true, "1"), (group.Paused, group.Position));
        Assert.Contains("never fits", group.Reason, StringComparison.Ordinal);
        Assert.Equal(["o-1"], await OutputsAsync());
        Assert.Equal(0, group.Dead);
    }

    [Fact]
    public async Task Answers_wait_while_their_own_consumers_are_behind()
    {
        await PublishAsync("1", "2", "3", "4", "5");
        var behind = new GroupId("out", "behind");
        await Groups.PutAsync(
            behind,
            new GroupDefinition(GroupKind.Consumer, new ConsumerGroupSpec()),
            Token
        );
        var consuming = ConsumeAsync(new Handler(), until: 5, batchSize: 1);
        var lease = Assert.Single(
            await Groups.AcquireAsync(behind, "me", TimeSpan.FromMinutes(5), Token)
        );
        for (var position = 0L; position < 5; position++)
        {
            while ((await Groups.FetchAsync(lease, 1, Token)).Events.Count == 0)
                await EventSignals.WaitAsync(
                    _storage.GetRequiredService<EventSignals>().NextAsync("out"),
                    TimeSpan.FromMilliseconds(20),
                    TimeProvider.System,
                    Token
                );
            Assert.True((await Groups.GetAsync(behind, Token)).Lag <= 3);
            await Groups.CommitAsync(lease, new EventCommit(position, position + 1), Token);
        }

        await consuming;
        Assert.Equal(5, (await OutputsAsync()).Count);
    }

    [Fact]
    public async Task A_dead_letter_tried_again_is_answered_once()
    {
        await PublishAsync("1");
        var handler = new Handler { Fault = _ => new InvalidInputException("not yet") };
        await ConsumeAsync(handler, until: 1);
        handler.Fault = _ => null;
        await Groups.RetryDeadAsync(Group, [], Token);

        await ConsumeAsync(
            handler,
            stop: async () => (await Groups.GetAsync(Group, Token)).Dead == 0
        );

        Assert.Equal(["o-1"], await OutputsAsync());
    }

    private Task<IReadOnlyList<EventReceipt>> PublishAsync(params string[] ids) =>
        Log.PublishAsync("in", [.. ids.Select(Message)], Token);

    private async Task<IReadOnlyList<string>> OutputsAsync() =>
        [
            .. (await Log.ReadAsync("out", new TopicPosition([0]), 100, Token)).Events.Select(e =>
                e.Message.Id
            ),
        ];

    private static EventMessage Message(string id) => new() { Id = id, Data = "1"u8.ToArray() };

    private Task ConsumeAsync(
        Handler handler,
        int? until,
        int maxTries = 5,
        int batchSize = 10,
        ExhaustedPolicy onExhausted = ExhaustedPolicy.DeadLetter
    ) =>
        ConsumeAsync(
            handler,
            async () =>
            {
                var group = await Groups.GetAsync(Group, Token);
                return until is null ? group.Paused : group.Position == $"{until}";
            },
            maxTries,
            batchSize,
            onExhausted
        );

    // Runs a consumer until the condition holds, looking whenever it was called.
    private async Task ConsumeAsync(
        Handler handler,
        Func<Task<bool>> stop,
        int maxTries = 5,
        int batchSize = 10,
        ExhaustedPolicy onExhausted = ExhaustedPolicy.DeadLetter
    )
    {
        var spec = new SubscriptionSpec
        {
            Model = "m",
            Output = "out",
            MaxTries = maxTries,
            BatchSize = batchSize,
            OnExhausted = onExhausted,
        };
        var group = await Groups.PutAsync(
            Group,
            new GroupDefinition(GroupKind.Subscription, EventChecks.GroupOf(spec), spec),
            Token
        );
        var lease = Assert.Single(
            await Groups.AcquireAsync(Group, "me", TimeSpan.FromMinutes(5), Token)
        );
        using var gate = new SemaphoreSlim(1);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var consumer = new PartitionConsumer(
            lease,
            group,
            handler,
            new EventConsumerServices(
                Groups,
                _storage.GetRequiredService<EventSignals>(),
                gate,
                new EventConsumerOptions
                {
                    RetryDelay = TimeSpan.FromMilliseconds(1),
                    MaxRetryDelay = TimeSpan.FromMilliseconds(5),
                    PollPeriod = TimeSpan.FromMilliseconds(20),
                },
                TimeProvider.System,
                NullLogger.Instance
            )
        );
        var running = Task.Run(() => consumer.RunAsync(end.Token), Token);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await stop())
            await timer.WaitForNextTickAsync(Token);
        await end.CancelAsync();
        await running;
    }

    private sealed class Handler : IEventHandler
    {
        private int _calls;

        public int Calls => _calls;

        public Func<string, Exception?> Fault { get; set; } = _ => null;

        public bool Handles(ConsumerGroupSnapshot group) => true;

        public int BatchSize(ConsumerGroupSnapshot group) => group.Subscription!.BatchSize;

        public ValueTask<IReadOnlyList<EventMessage>> HandleAsync(
            ConsumerGroupSnapshot group,
            IReadOnlyList<LoggedEvent> events,
            CancellationToken cancellationToken
        )
        {
            Interlocked.Increment(ref _calls);
            foreach (var e in events)
            {
                if (Fault(e.Message.Id) is { } fault)
                    throw fault;
            }
            return new([.. events.Select(e => Message($"o-{e.Message.Id}"))]);
        }
    }
}
