using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Core.Serving.Events;

/// <summary>What events, topics and groups keep to; every error names the thing, what was expected and what came.</summary>
public static class EventChecks
{
    /// <summary>The most events of one call.</summary>
    public const int MaxBatch = 1_000;

    private const int MaxPartitions = 64;
    private const int MaxPayload = 1 << 20;
    private const int MaxDepth = 64;

    /// <summary>Checks a topic's or a group's name.</summary>
    /// <exception cref="InvalidInputException">It is none.</exception>
    public static void Name(string name, string what)
    {
        try
        {
            ResourceName.Check(name, what);
        }
        catch (FormatException e)
        {
            throw new InvalidInputException(e.Message, e);
        }
    }

    /// <summary>Checks how a topic is to keep events.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range.</exception>
    public static void Topic(string name, TopicSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Name(name, "topic");
        Between("partitions", spec.Partitions, 1, MaxPartitions);
        Between("maxEventBytes", spec.MaxEventBytes, 1, MaxPayload);
        Between("maxBacklog", spec.MaxBacklog, 1, 1_000_000_000);
        if (!(spec.RetentionHours > 0 && spec.RetentionHours <= 87_600))
            throw Range("retentionHours", spec.RetentionHours, "above 0 up to 87600");
        Between("retentionBytes", spec.RetentionBytes, 1 << 20, 1L << 50);
        if (!(spec.DedupeHours >= 0 && spec.DedupeHours <= 87_600))
            throw Range("dedupeHours", spec.DedupeHours, "0 to 87600");
    }

    /// <summary>Checks events before they are appended.</summary>
    /// <exception cref="InvalidInputException">One breaks a limit, or says that it is JSON and is not.</exception>
    public static void Events(string topic, IReadOnlyList<EventMessage> events, int maxEventBytes)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (events.Count is < 1 or > MaxBatch)
            throw new InvalidInputException(
                $"events: expected 1 to {MaxBatch} at once, got {events.Count}."
            );
        for (var i = 0; i < events.Count; i++)
        {
            var at = events[i] ?? throw new InvalidInputException($"events[{i}] is null.");
            Text(at.Id, 1, $"events[{i}].id");
            if (at.Key is not null)
                Text(at.Key, 1, $"events[{i}].key");
            Text(at.Type, 0, $"events[{i}].type");
            if (at.Data.Length > maxEventBytes)
                throw new InvalidInputException(
                    $"events[{i}]: expected a payload of at most {maxEventBytes} bytes in topic '{topic}', got {at.Data.Length}; put what is large into the artifact store and its id into the event."
                );
            if (at.IsJson)
                Json(at.Data, i);
        }
    }

    /// <summary>Checks a group of outside consumers.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range.</exception>
    public static void Group(string name, ConsumerGroupSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Name(name, "consumer group");
        Between("maxTries", spec.MaxTries, 1, 1_000);
        if (!(spec.LeaseSeconds >= 1 && spec.LeaseSeconds <= 3_600))
            throw Range("leaseSeconds", spec.LeaseSeconds, "1 to 3600");
        if (string.IsNullOrEmpty(spec.Start))
            throw new InvalidInputException(
                "start: expected earliest, latest, a time or positions, got nothing."
            );
    }

    /// <summary>Checks a subscription.</summary>
    /// <exception cref="InvalidInputException">Something is missing, out of its range, or contradicts itself.</exception>
    public static void Subscription(string topic, string name, SubscriptionSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Group(name, GroupOf(spec));
        Name(spec.Model, "model");
        Name(spec.Output, "topic");
        if (spec.Output == topic)
            throw new InvalidInputException(
                $"output: expected another topic than '{topic}', which is consumed: each answer would be an event to answer."
            );
        Between("batchSize", spec.BatchSize, 1, MaxBatch);
        if (spec.Input is null)
            throw new InvalidInputException("input: expected an object, got null.");
        if (spec.Input.Fields.Count > 0 && spec.Input.Format != EventInputFormat.Instance)
            throw new InvalidInputException(
                "input.fields: expected none with another format than instance."
            );
    }

    /// <summary>What a subscription's group is.</summary>
    public static ConsumerGroupSpec GroupOf(SubscriptionSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new() { Start = spec.Start, MaxTries = spec.MaxTries };
    }

    /// <summary>Checks a short text.</summary>
    /// <exception cref="InvalidInputException">It is too short or too long.</exception>
    public static void Text(string? text, int least, string what)
    {
        if (
            text is null
            || text.Length < least
            || text.Length > EventMessage.MaxTextLength
            || text.Contains('\0', StringComparison.Ordinal)
        )
            throw new InvalidInputException(
                $"{what}: expected {least} to {EventMessage.MaxTextLength} characters without NUL, got {text?.Length ?? 0}."
            );
    }

    private static void Json(ReadOnlyMemory<byte> data, int index)
    {
        try
        {
            var reader = new Utf8JsonReader(
                data.Span,
                new JsonReaderOptions { MaxDepth = MaxDepth }
            );
            while (reader.Read())
                continue;
        }
        catch (JsonException e)
        {
            throw new InvalidInputException(
                $"events[{index}].data: expected one JSON value: {e.Message}",
                e
            );
        }
    }

    private static void Between(string key, long value, long least, long most)
    {
        if (value < least || value > most)
            throw Range(key, value, $"{least} to {most}");
    }

    private static InvalidInputException Range(string key, double value, string expected) =>
        new($"{key}: expected {expected}, got {value}.");
}
