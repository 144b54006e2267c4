using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using OrleansMl.Client;
using OrleansMl.Cluster.Tests.Operations;
using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Cluster.Tests.Serving;

/// <summary>Events under kill -9. <c>scripts/soak events</c> runs it with more events and kills.</summary>
[Trait("category", "cluster")]
public sealed class EventsTests(ClusterFixture cluster, ITestOutputHelper output)
{
    private const int Batch = 100;
    private const int Publishers = 4;
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_event_has_its_effect_exactly_once_while_silos_are_killed()
    {
        var events = Number("OML_EVENTS", 4_000);
        var kills = Number("OML_EVENT_KILLS", 2);
        var random = new Random(Number("OML_TEST_SEED", 20_260_101));
        var topics = cluster.Client.Topics;
        await topics.PutAsync("soak-in", new TopicSpec { Partitions = 6 }, Token);
        await topics.PutAsync("soak-out", new TopicSpec { Partitions = 3 }, Token);
        var subscription = topics.Subscription("soak-in", "moons");
        await subscription.PutAsync(
            new SubscriptionSpec
            {
                Model = ClusterFixture.Model,
                Version = cluster.UndisturbedVersion.ToString(CultureInfo.InvariantCulture),
                Output = "soak-out",
                BatchSize = 16,
            },
            Token
        );
        var acknowledged = new ConcurrentDictionary<string, EventReceipt>();
        var published = 0;
        var gates = Enumerable
            .Range(1, kills)
            .Select(kill => (At: events * kill / (kills + 1), Reached: new TaskCompletionSource()))
            .ToList();

        var publishing = Task.WhenAll(
            Enumerable
                .Range(0, Publishers)
                .Select(async publisher =>
                {
                    var mine = Enumerable
                        .Range(0, events)
                        .Where(i => i % Publishers == publisher)
                        .Chunk(Batch);
                    foreach (var chunk in mine)
                    {
                        foreach (var receipt in await PublishAsync(chunk))
                            acknowledged[receipt.Id] = receipt;
                        // Some batches come twice, as from a publisher that lost its answer.
                        if (chunk[0] % 3 == 0)
                            await PublishAsync(chunk);
                        var now = Interlocked.Add(ref published, chunk.Length);
                        foreach (var gate in gates.Where(gate => now >= gate.At))
                            gate.Reached.TrySetResult();
                    }
                })
        );
        foreach (var (at, reached) in gates)
        {
            await Task.WhenAny(reached.Task, publishing);
            await KillAsync(random, at);
        }
        await publishing;

        var after = await DrainedAsync(subscription);
        // All that is there, and not only as many as there should be.
        var there = await topics.GetAsync("soak-out", Token);
        var answers = await ReadAsync("soak-out", there.Partitions.Sum(p => p.Next));
        Check(events, acknowledged, answers);
        Assert.Equal(0, after.Dead);
        await subscription.DeleteAsync(Token);
        output.WriteLine($"{events} events, {kills} kills, {answers.Count} answers");
    }

    private static void Check(
        int events,
        ConcurrentDictionary<string, EventReceipt> acknowledged,
        List<EventRecord> answers
    )
    {
        Assert.Equal(events, acknowledged.Count);
        var about = answers
            .Select(answer => answer.Data!.Value.GetProperty("event").GetString()!)
            .ToList();
        var twice = about.GroupBy(id => id).Where(group => group.Count() > 1).ToList();
        Assert.True(
            twice.Count == 0,
            $"{twice.Count} events have more than one effect, the first: {twice.FirstOrDefault()?.Key}"
        );
        var lost = acknowledged.Keys.Except(about).ToList();
        Assert.True(
            lost.Count == 0,
            $"{lost.Count} events have no effect, the first: {lost.FirstOrDefault()}"
        );
        Assert.Equal(events, about.Count);
        // Events of one key were answered in their order.
        foreach (var key in answers.GroupBy(answer => answer.Key))
        {
            var positions = key.OrderBy(answer => answer.Position)
                .Select(answer =>
                    acknowledged[answer.Data!.Value.GetProperty("event").GetString()!].Position
                )
                .ToList();
            Assert.Equal(positions.Order(), positions);
        }
    }

    private async Task<IReadOnlyList<EventReceipt>> PublishAsync(int[] numbers)
    {
        var batch = numbers
            .Select(i => new EventRequest
            {
                Id = $"e-{i}",
                Key = $"k-{i % 97}",
                Data = JsonSerializer.SerializeToElement(new { x = i % 13 * 0.1, y = i % 7 * 0.1 }),
            })
            .ToList();
        while (true)
        {
            try
            {
                return await cluster.Client.Topics.PublishAsync("soak-in", batch, Token);
            }
            catch (OrleansMlException e)
                when (e.Status is null or HttpStatusCode.TooManyRequests
                    || e.Status >= HttpStatusCode.InternalServerError
                )
            {
                // As any publisher: the same events again until they are acknowledged.
                output.WriteLine($"again: {e.Message}");
            }
        }
    }

    private async Task KillAsync(Random random, int at)
    {
        var silo = $"silo-{random.Next(1, 4)}";
        output.WriteLine($"kill {silo} after {at} events");
        await cluster.Script.RunAsync("kill", silo);
        await cluster.Script.RunAsync("scale", "3");
    }

    private async Task<List<EventRecord>> ReadAsync(string topic, long count)
    {
        var events = new List<EventRecord>();
        var from = "earliest";
        while (events.Count < count)
        {
            var page = await cluster.Client.Topics.ReadAsync(topic, from, 1_000, 4, Token);
            events.AddRange(page.Events);
            from = page.Next;
        }
        return events;
    }

    private static async Task<ConsumerGroupSnapshot> DrainedAsync(
        Client.Serving.Events.ConsumerGroupClient group
    )
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await timer.WaitForNextTickAsync(Token))
        {
            var snapshot = await group.GetAsync(Token);
            if (snapshot.Lag == 0)
                return snapshot;
        }
        throw new InvalidOperationException("The timer ended.");
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}
