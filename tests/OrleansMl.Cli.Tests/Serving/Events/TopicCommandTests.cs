using OrleansMl.Client.Tests;
using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Cli.Tests.Serving.Events;

public sealed class TopicCommandTests
{
    [Fact]
    public async Task Publish_reads_lines_and_sends_each_event_with_an_id()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/topics/clicks/events",
            new PublishAnswer
            {
                Receipts =
                [
                    new EventReceipt
                    {
                        Id = "a",
                        Partition = 0,
                        Position = 0,
                    },
                    new EventReceipt
                    {
                        Id = "b",
                        Partition = 0,
                        Position = 1,
                        Duplicate = true,
                    },
                ],
            }
        );

        var run = await CliRun.Of(
            gateway,
            "{\"id\":\"a\",\"data\":{\"x\":1}}\n\n{\"data\":2}\n",
            terminal: false,
            TestContext.Current.CancellationToken,
            "topic",
            "publish",
            "clicks",
            "--file",
            "-"
        );

        Assert.Equal((0, "1 published, 1 were there already\n"), (run.Code, run.Out));
        var sent = Assert.Single(gateway.Requests).Text;
        Assert.Contains("\"id\":\"a\"", sent, StringComparison.Ordinal);
        Assert.Equal(2, sent.Split("\"id\":").Length - 1);
    }

    [Fact]
    public async Task A_wrong_line_is_named_and_nothing_is_sent()
    {
        await using var gateway = await FakeGateway.StartAsync();

        var run = await CliRun.Of(
            gateway,
            "{\"data\":1}\n{",
            terminal: false,
            TestContext.Current.CancellationToken,
            "topic",
            "publish",
            "clicks",
            "--file",
            "-"
        );

        Assert.Equal(2, run.Code);
        Assert.Contains("line 2", run.Error, StringComparison.Ordinal);
        Assert.Empty(gateway.Requests);
    }

    [Fact]
    public async Task A_subscription_is_sent_as_its_file_stands()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson("PUT", "/api/v1/topics/in/subscriptions/s", Group());

        var run = await CliRun.Of(
            gateway,
            "model: churn\noutput: out\n",
            terminal: false,
            TestContext.Current.CancellationToken,
            "subscription",
            "set",
            "in",
            "s",
            "-"
        );

        Assert.Equal(0, run.Code);
        Assert.Equal("model: churn\noutput: out\n", Assert.Single(gateway.Requests).Text);
        Assert.Contains("subscription", run.Out, StringComparison.Ordinal);
        Assert.Contains("churn", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dead_letters_are_tried_again_by_id()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.OnJson(
            "POST",
            "/api/v1/topics/in/groups/s/dead/retry",
            new DeadLetterCount { Letters = 1 }
        );

        var run = await CliRun.Of(
            gateway,
            "topic",
            "dead",
            "in",
            "s",
            "--retry",
            "--letter",
            "3-1041"
        );

        Assert.Equal((0, "1 are tried again\n"), (run.Code, run.Out));
        Assert.Equal("{\"ids\":[\"3-1041\"]}", Assert.Single(gateway.Requests).Text);
    }

    private static ConsumerGroupSnapshot Group() =>
        new()
        {
            Topic = "in",
            Group = "s",
            Kind = GroupKind.Subscription,
            Spec = new ConsumerGroupSpec(),
            Subscription = new SubscriptionSpec { Model = "churn", Output = "out" },
            Revision = 1,
            Epoch = 1,
            CreatedAt = default,
            Lag = 0,
            Dead = 0,
            Position = "0",
            Partitions = [],
        };
}
