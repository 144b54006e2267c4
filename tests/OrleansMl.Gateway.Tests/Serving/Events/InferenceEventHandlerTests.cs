using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Gateway.Tests.Operations;

namespace OrleansMl.Gateway.Tests.Serving.Events;

public sealed class InferenceEventHandlerTests(GatewayCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EventInputFormat.Instance, """{"age":7}""", """{"instances":[{"age":7}]}""")]
    [InlineData(
        EventInputFormat.Instances,
        """{"instances":[{"age":7},{"age":9}]}""",
        """{"instances":[{"age":7},{"age":9}]}"""
    )]
    public async Task Events_get_the_answers_that_are_given_on_demand(
        EventInputFormat format,
        string data,
        string body
    )
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        var model = $"ev-{format}".ToLowerInvariant();
        Add(model);

        var answers = await Handler(gateway)
            .HandleAsync(Group(model, format), [Event("a", data), Event("b", data)], Token);

        var demanded = await gateway.SendAsync<JsonElement>(
            HttpMethod.Post,
            $"/api/v1/models/{model}/predict",
            TestGateway.Json(body)
        );
        var expected = demanded.GetProperty("predictions");
        Assert.Equal(["s.1:a", "s.1:b"], answers.Select(answer => answer.Id));
        foreach (var (answer, id) in answers.Zip(["a", "b"]))
        {
            var got = JsonElement.Parse(answer.Data.Span);
            Assert.Equal(id, got.GetProperty("event").GetString());
            Assert.Equal(1, got.GetProperty("version").GetInt32());
            Assert.True(
                format == EventInputFormat.Instance
                    ? JsonElement.DeepEquals(expected[0], got.GetProperty("prediction"))
                    : JsonElement.DeepEquals(expected, got.GetProperty("predictions"))
            );
        }
    }

    [Fact]
    public async Task A_request_of_the_protocol_gets_the_protocols_answer()
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("ev-protocol");

        var answers = await Handler(gateway)
            .HandleAsync(
                Group("ev-protocol", EventInputFormat.V2),
                [
                    Event(
                        "a",
                        """{"id":"r","inputs":[{"name":"age","datatype":"FP32","shape":[1,1],"data":[7]}]}"""
                    ),
                ],
                Token
            );

        var response = JsonElement.Parse(Assert.Single(answers).Data.Span).GetProperty("response");
        Assert.Equal("r", response.GetProperty("id").GetString());
        Assert.Equal(14, response.GetProperty("outputs")[0].GetProperty("data")[0].GetDouble());
    }

    [Theory]
    [InlineData(EventInputFormat.Instance, """{"height":7}""")]
    [InlineData(EventInputFormat.Instances, """{"examples":[]}""")]
    [InlineData(EventInputFormat.V2, """{"inputs":[{"name":"age"}]}""")]
    [InlineData(EventInputFormat.V2, """{"inputs":5}""")]
    public async Task What_a_model_can_never_take_is_invalid_input(
        EventInputFormat format,
        string data
    )
    {
        await using var gateway = await TestGateway.StartAsync(cluster);
        Add("ev-wrong");

        await Assert.ThrowsAsync<InvalidInputException>(async () =>
            await Handler(gateway).HandleAsync(Group("ev-wrong", format), [Event("a", data)], Token)
        );
    }

    private static InferenceEventHandler Handler(TestGateway gateway) =>
        ActivatorUtilities.CreateInstance<InferenceEventHandler>(gateway.Services);

    // A model that doubles.
    private void Add(string name)
    {
        cluster.World.Models[name] = new ModelSnapshot
        {
            Name = name,
            LatestVersion = 1,
            Aliases = new Dictionary<string, int>(),
        };
        var signature = new ModelSignature
        {
            Inputs =
            [
                new TensorSignature
                {
                    Name = "age",
                    Datatype = "FP32",
                    Shape = [-1, 1],
                },
            ],
            Outputs =
            [
                new TensorSignature
                {
                    Name = "spent",
                    Datatype = "FP32",
                    Shape = [-1],
                },
            ],
            Task = "regression",
        };
        cluster.World.Versions[$"{name}@1"] = new ModelVersionSnapshot
        {
            Id = new ModelVersionId(name, 1),
            Onnx = default,
            Signature = signature,
            Lineage = new ModelLineage(),
        };
        cluster.World.Answers[name] = (_, request) =>
        {
            var values = new float[request.Inputs[0].Data.Length / 4];
            for (var i = 0; i < values.Length; i++)
                values[i] = 2 * BitConverter.ToSingle(request.Inputs[0].Data.Span[(4 * i)..]);
            return new InferenceResponse
            {
                Model = name,
                Version = 1,
                Outputs =
                [
                    new InferenceTensor
                    {
                        Name = "spent",
                        Datatype = "FP32",
                        Shape = [values.Length],
                        Data = values.SelectMany(BitConverter.GetBytes).ToArray(),
                    },
                ],
            };
        };
    }

    private static LoggedEvent Event(string id, string data) =>
        new(0, 0, default, new EventMessage { Id = id, Data = Encoding.UTF8.GetBytes(data) });

    private static ConsumerGroupSnapshot Group(string model, EventInputFormat format) =>
        new()
        {
            Topic = "t",
            Group = "s",
            Kind = GroupKind.Subscription,
            Spec = new ConsumerGroupSpec(),
            Subscription = new SubscriptionSpec
            {
                Model = model,
                Output = "o",
                Input = new EventMapping { Format = format },
            },
            Revision = 1,
            Epoch = 1,
            CreatedAt = default,
            Lag = 0,
            Dead = 0,
            Position = "0",
            Partitions = [],
        };
}
