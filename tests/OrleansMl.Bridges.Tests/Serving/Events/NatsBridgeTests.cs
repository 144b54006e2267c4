using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using OrleansMl.Bridges.Serving.Events;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Storage;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Bridges.Tests.Serving.Events;

public sealed class NatsBridgeTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oml-bridge-").FullName;
    private readonly NatsServer _server = new();
    private ServiceProvider _storage = null!;
    private NatsOptions _options = null!;
    private NatsLink _link = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IEventLog Log => _storage.GetRequiredService<IEventLog>();

    public async ValueTask InitializeAsync()
    {
        var storage = new StorageOptions();
        storage.Database.ConnectionString = $"Data Source={Path.Combine(_folder, "oml.db")}";
        storage.Artifacts.Path = Path.Combine(_folder, "artifacts");
        _storage = new ServiceCollection()
            .AddLogging()
            .AddOrleansMlStorage(storage)
            .BuildServiceProvider();
        await _storage.GetRequiredService<IDatabaseMigrator>().MigrateAsync(Token);
        await Log.PutTopicAsync("events", new TopicSpec { Partitions = 1 }, Token);
        await _server.StartAsync(Token);
        _options = new NatsOptions
        {
            Url = _server.Url,
            BatchSize = 20,
            AckWaitSeconds = 1,
            Outgoing = { ["out"] = "events things.out" },
            Incoming = { ["in"] = "THINGS things.in events" },
        };
        Assert.Empty(_options.Validate());
        _link = new NatsLink(_options);
        await _link.JetStream.CreateStreamAsync(new StreamConfig("THINGS", ["things.>"]), Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        await _server.DisposeAsync();
        await _storage.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Events_go_out_once_however_often_they_are_handed_over_and_wait_while_the_broker_is_dead()
    {
        var forwarder = new NatsForwarder(_link, _options, TimeProvider.System);
        var group = await _storage
            .GetRequiredService<IConsumerGroups>()
            .PutAsync(
                new GroupId("events", "out"),
                new GroupDefinition(GroupKind.Bridge, new ConsumerGroupSpec()),
                Token
            );
        Assert.True(forwarder.Handles(group));
        LoggedEvent[] events = [Event("ä 1"), Event("2")];

        await forwarder.HandleAsync(group, events, Token);
        await forwarder.HandleAsync(group, events, Token);
        await _server.KillAsync();
        await Assert.ThrowsAsync<UnavailableException>(async () =>
            await forwarder.HandleAsync(group, [Event("3")], Token)
        );
        await _server.StartAsync(Token);
        await UntilAsync(async () =>
        {
            try
            {
                await forwarder.HandleAsync(group, [Event("3")], Token);
                return true;
            }
            catch (UnavailableException)
            {
                return false;
            }
        });

        var stream = await _link.JetStream.GetStreamAsync("THINGS", cancellationToken: Token);
        Assert.Equal(3ul, (ulong)stream.Info.State.Messages);
    }

    [Fact]
    public async Task Messages_come_in_once_and_in_order_over_a_dead_broker_and_a_silo_that_takes_over()
    {
        const int Count = 100;
        await SendAsync(0, Count / 2);
        using var first = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var one = Receiver("one").RunAsync(first.Token);
        await UntilAsync(async () => (await ReadAsync()).Count >= 20);
        await _server.KillAsync();
        await _server.StartAsync(Token);
        // The first silo dies without a word: its lease has to run out.
        await first.CancelAsync();
        await one;
        using var second = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var two = Receiver("two").RunAsync(second.Token);
        await SendAsync(Count / 2, Count);
        // One that is sent again is one message to the stream, and one event to the topic.
        await SendAsync(0, 10);

        await UntilAsync(async () => (await ReadAsync()).Count >= Count);
        await second.CancelAsync();
        await two;

        var events = await ReadAsync();
        Assert.Equal(
            Enumerable.Range(0, Count).Select(i => $"m-{i}"),
            events.Select(e => e.Message.Id)
        );
        Assert.All(events, e => Assert.Equal("things.in", e.Message.Key));
        Assert.All(events, e => Assert.True(e.Message.IsJson));
    }

    [Fact]
    public async Task What_went_out_and_comes_back_is_the_same_event()
    {
        _options.Incoming["in"] = "THINGS events";
        await Log.PublishAsync("events", [Event("ä 1").Message], Token);
        var forwarder = new NatsForwarder(_link, _options, TimeProvider.System);
        var group = await _storage
            .GetRequiredService<IConsumerGroups>()
            .PutAsync(
                new GroupId("events", "out"),
                new GroupDefinition(GroupKind.Bridge, new ConsumerGroupSpec()),
                Token
            );
        await forwarder.HandleAsync(group, await ReadAsync(), Token);
        await SendAsync(0, 1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var running = Receiver("one").RunAsync(stop.Token);
        await UntilAsync(async () => (await ReadAsync()).Count == 2);
        await stop.CancelAsync();
        await running;

        Assert.Equal(["ä 1", "m-0"], (await ReadAsync()).Select(e => e.Message.Id));
    }

    [Theory]
    [InlineData("A b", "x", "Incoming:A b")]
    [InlineData("a", "STREAM", "'STREAM TOPIC'")]
    [InlineData("a", "STREAM Topic!", "'STREAM TOPIC'")]
    public void A_wrong_route_is_named(string name, string route, string named) =>
        Assert.Contains(
            named,
            Assert.Single(
                new NatsOptions { Url = "nats://x:1", Incoming = { [name] = route } }.Validate()
            ),
            StringComparison.Ordinal
        );

    private NatsReceiver Receiver(string member) =>
        new(
            NatsRoute.ParseIncoming("in", _options.Incoming["in"])!,
            member,
            _link,
            _options,
            _storage.GetRequiredService<IConsumerGroups>(),
            Log,
            TimeProvider.System,
            NullLogger.Instance
        );

    private async Task SendAsync(int from, int to)
    {
        for (var i = from; i < to; i++)
            await _link.JetStream.PublishAsync(
                "things.in",
                Encoding.UTF8.GetBytes($"{{\"n\":{i}}}"),
                opts: new NatsJSPubOpts { MsgId = $"m-{i}" },
                cancellationToken: Token
            );
    }

    private async Task<IReadOnlyList<LoggedEvent>> ReadAsync() =>
        (await Log.ReadAsync("events", new TopicPosition([0]), 1_000, Token)).Events;

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await condition())
            await timer.WaitForNextTickAsync(Token);
    }

    private static LoggedEvent Event(string id) =>
        new(
            0,
            0,
            default,
            new EventMessage
            {
                Id = id,
                Key = "k",
                Data = "1"u8.ToArray(),
            }
        );
}
