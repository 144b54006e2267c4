using System.Buffers;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Invocation;
using OrleansMl.Core.Serving.Routing;

namespace OrleansMl.Core.Serving.Events;

/// <summary>Subscriptions: a model answers each event, by the same way as any other call.</summary>
public sealed class InferenceEventHandler(
    ModelInvoker invoker,
    ModelSignatures signatures,
    ILocalPredictor local,
    IPredictionJson json
) : IEventHandler
{
    private const int MaxInstances = 10_000;

    /// <inheritdoc/>
    public bool Handles(ConsumerGroupSnapshot group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.Kind == GroupKind.Subscription && local.Available;
    }

    /// <inheritdoc/>
    public int BatchSize(ConsumerGroupSnapshot group) => Spec(group).BatchSize;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<EventMessage>> HandleAsync(
        ConsumerGroupSnapshot group,
        IReadOnlyList<LoggedEvent> events,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(events);
        var spec = Spec(group);
        var routes = new InferenceRoute[events.Count];
        for (var i = 0; i < routes.Length; i++)
            routes[i] = await invoker.RouteAsync(
                new InferenceCall(
                    spec.Model,
                    spec.Version,
                    events[i].Message.Key ?? events[i].Message.Id,
                    $"subscription/{group.Topic}/{group.Group}"
                ),
                cancellationToken
            );
        var answers = new EventMessage[events.Count];
        // A split may send the events of a batch to several versions.
        foreach (var version in Enumerable.Range(0, events.Count).GroupBy(i => routes[i].Version))
        {
            var signature = await signatures.GetAsync(version.Key, cancellationToken);
            if (spec.Input.Format == EventInputFormat.Instance)
                await AnswerTogetherAsync(
                    group,
                    events,
                    [.. version],
                    routes[version.First()],
                    signature,
                    answers,
                    cancellationToken
                );
            else
            {
                foreach (var i in version)
                    answers[i] = await AnswerAsync(
                        group,
                        events[i],
                        routes[i],
                        signature,
                        cancellationToken
                    );
            }
        }
        return answers;
    }

    private async Task AnswerTogetherAsync(
        ConsumerGroupSnapshot group,
        IReadOnlyList<LoggedEvent> events,
        int[] indexes,
        InferenceRoute route,
        ModelSignature signature,
        EventMessage[] answers,
        CancellationToken cancellationToken
    )
    {
        var body = EventJson.Instances([.. indexes.Select(i => events[i])], Spec(group).Input);
        var response = await invoker.InvokeAsync(
            route,
            new InferenceRequest { Inputs = json.ReadInstances(body, signature, indexes.Length) },
            cancellationToken
        );
        var written = new ArrayBufferWriter<byte>();
        json.WritePredictions(written, response, signature);
        response.Release();
        using var document = JsonDocument.Parse(written.WrittenMemory);
        var predictions = document.RootElement.GetProperty("predictions");
        if (predictions.GetArrayLength() != indexes.Length)
            throw new InvalidInputException(
                $"Model {route.Version} gave {predictions.GetArrayLength()} answers to {indexes.Length} events: expected a model whose outputs have one row an example."
            );
        var row = 0;
        foreach (var prediction in predictions.EnumerateArray())
        {
            var e = events[indexes[row++]];
            answers[indexes[row - 1]] = Answer(
                group,
                e,
                response,
                writer =>
                {
                    writer.WritePropertyName("prediction");
                    prediction.WriteTo(writer);
                }
            );
        }
    }

    private async Task<EventMessage> AnswerAsync(
        ConsumerGroupSnapshot group,
        LoggedEvent e,
        InferenceRoute route,
        ModelSignature signature,
        CancellationToken cancellationToken
    )
    {
        var input = Spec(group).Input;
        var body = JsonSerializer.SerializeToUtf8Bytes(EventJson.Select(e, input));
        var isV2 = input.Format == EventInputFormat.V2;
        var request = isV2
            ? json.ReadInference(body, signature)
            : new InferenceRequest { Inputs = json.ReadInstances(body, signature, MaxInstances) };
        var response = await invoker.InvokeAsync(route, request, cancellationToken);
        var written = new ArrayBufferWriter<byte>();
        if (isV2)
            json.WriteInference(written, response with { Id = request.Id });
        else
            json.WritePredictions(written, response, signature);
        response.Release();
        using var document = JsonDocument.Parse(written.WrittenMemory);
        var root = document.RootElement;
        return Answer(
            group,
            e,
            response,
            writer =>
            {
                writer.WritePropertyName(isV2 ? "response" : "predictions");
                (isV2 ? root : root.GetProperty("predictions")).WriteTo(writer);
            }
        );
    }

    private static EventMessage Answer(
        ConsumerGroupSnapshot group,
        LoggedEvent e,
        InferenceResponse response,
        Action<Utf8JsonWriter> result
    )
    {
        var data = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(data))
        {
            writer.WriteStartObject();
            writer.WriteString("event", e.Message.Id);
            writer.WriteString("model", response.Model);
            writer.WriteNumber("version", response.Version);
            result(writer);
            writer.WriteEndObject();
        }
        return new EventMessage
        {
            Id = EventJson.AnswerId(group, e.Message.Id),
            Key = e.Message.Key ?? e.Message.Id,
            Type = "prediction",
            Data = data.WrittenMemory,
        };
    }

    private static SubscriptionSpec Spec(ConsumerGroupSnapshot group) => group.Subscription!;
}
