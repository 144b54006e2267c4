using System.Text;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Core.Tests.Training.Configuration;

namespace OrleansMl.Core.Tests.Serving.Events;

public sealed class EventJsonTests
{
    private static LoggedEvent Event(string id, string data, bool json = true) =>
        new(
            0,
            0,
            default,
            new EventMessage
            {
                Id = id,
                Data = Encoding.UTF8.GetBytes(data),
                IsJson = json,
            }
        );

    [Fact]
    public void Fields_are_gathered_from_where_the_mapping_says()
    {
        var mapping = new EventMapping
        {
            Path = "customer",
            Fields = new Dictionary<string, string> { ["age"] = "age", ["city"] = "address.city" },
        };

        var body = EventJson.Instances(
            [
                Event("a", """{"customer":{"age":41,"address":{"city":"Oslo"},"rest":1}}"""),
                Event("b", """{"customer":{"age":null,"address":{"city":"Rom"}}}"""),
            ],
            mapping
        );

        Assert.Equal(
            """{"instances":[{"age":41,"city":"Oslo"},{"age":null,"city":"Rom"}]}""",
            Encoding.UTF8.GetString(body)
        );
    }

    [Theory]
    [InlineData("""{"customer":{}}""", true, "'age'")]
    [InlineData("""{"customer":5}""", true, "'age'")]
    [InlineData("""[]""", true, "'customer'")]
    [InlineData("bytes", false, "JSON payload")]
    public void An_event_that_does_not_fit_is_named(string data, bool json, string named)
    {
        var mapping = new EventMapping
        {
            Path = "customer",
            Fields = new Dictionary<string, string> { ["age"] = "age" },
        };

        var error = Assert.Throws<InvalidInputException>(() =>
            EventJson.Instances([Event("e-7", data, json)], mapping)
        );

        Assert.Contains("e-7", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answers_id_is_the_same_for_the_same_event_and_never_too_long()
    {
        var group = Group(epoch: 5);

        Assert.Equal("s.5:e-1", EventJson.AnswerId(group, "e-1"));
        Assert.NotEqual("s.5:e-1", EventJson.AnswerId(Group(epoch: 6), "e-1"));
        var longId = new string('x', EventMessage.MaxTextLength);
        Assert.Equal(EventJson.AnswerId(group, longId), EventJson.AnswerId(group, longId));
        Assert.InRange(EventJson.AnswerId(group, longId).Length, 1, EventMessage.MaxTextLength);
    }

    [Fact]
    public void The_example_is_a_subscription_as_the_page_says()
    {
        var json = YamlJson.Convert(RepositoryFiles.Example("events-subscription.yaml"));
        var spec = JsonSerializer.Deserialize<SubscriptionSpec>(json, ContractsJson.Options)!;

        EventChecks.Subscription("purchases", "churn-scores", spec);
        Assert.Equal(
            ("churn", "champion", "churn-scores"),
            (spec.Model, spec.Version, spec.Output)
        );
        Assert.Equal("address.city", spec.Input.Fields["city"]);
        Assert.Equal(ExhaustedPolicy.DeadLetter, spec.OnExhausted);
    }

    [Theory]
    [InlineData("a: 1\nb: [true, 'true', 1.5, ~]", """{"a":1,"b":[true,"true",1.5,null]}""")]
    [InlineData("{\"a\": {\"b\": \"x\"}}", """{"a":{"b":"x"}}""")]
    [InlineData("a: nan", """{"a":"nan"}""")]
    public void YAML_means_the_JSON_of_its_core_schema(string yaml, string json) =>
        Assert.Equal(json, YamlJson.Convert(yaml));

    [Theory]
    [InlineData("a: [", "line")]
    [InlineData("a: 1\n---\nb: 2", "one YAML document")]
    [InlineData("", "one YAML document")]
    public void A_wrong_document_is_refused(string yaml, string named) =>
        Assert.Contains(
            named,
            Assert.Throws<InvalidInputException>(() => YamlJson.Convert(yaml)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Aliases_that_stand_for_billions_are_refused()
    {
        var bomb = new StringBuilder("a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
        for (var i = 1; i < 10; i++)
            bomb.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        Assert.Contains(
            "10000 values",
            Assert.Throws<InvalidInputException>(() => YamlJson.Convert(bomb.ToString())).Message,
            StringComparison.Ordinal
        );
    }

    private static ConsumerGroupSnapshot Group(long epoch) =>
        new()
        {
            Topic = "t",
            Group = "s",
            Kind = GroupKind.Subscription,
            Spec = new ConsumerGroupSpec(),
            Revision = 1,
            Epoch = epoch,
            CreatedAt = default,
            Lag = 0,
            Dead = 0,
            Position = "0",
            Partitions = [],
        };
}
