using System.Text;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Events;

namespace OrleansMl.Core.Serving.Events;

/// <summary>Turns events into a model's input by a mapping.</summary>
public static class EventJson
{
    /// <summary>The JSON that the mapping's path leads to.</summary>
    /// <exception cref="InvalidInputException">The payload is no JSON, or the path leads nowhere.</exception>
    public static JsonElement Select(LoggedEvent e, EventMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(e);
        ArgumentNullException.ThrowIfNull(mapping);
        if (!e.Message.IsJson)
            throw new InvalidInputException(
                $"Event '{e.Message.Id}': expected a JSON payload, got {e.Message.Data.Length} other bytes."
            );
        using var document = JsonDocument.Parse(e.Message.Data);
        return Follow(document.RootElement, mapping.Path, e).Clone();
    }

    /// <summary>A body of <c>/predict</c> with one example an event.</summary>
    /// <exception cref="InvalidInputException">An event's payload doesn't fit the mapping.</exception>
    public static byte[] Instances(IReadOnlyList<LoggedEvent> events, EventMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(events);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("instances");
            foreach (var e in events)
                WriteInstance(writer, e, Select(e, mapping), mapping);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void WriteInstance(
        Utf8JsonWriter writer,
        LoggedEvent e,
        JsonElement selected,
        EventMapping mapping
    )
    {
        if (mapping.Fields.Count == 0)
        {
            selected.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        foreach (var (input, path) in mapping.Fields)
        {
            writer.WritePropertyName(input);
            Follow(selected, path, e).WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    private static JsonElement Follow(JsonElement at, string path, LoggedEvent e)
    {
        if (path.Length == 0)
            return at;
        foreach (var name in path.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
                throw new InvalidInputException(
                    $"Event '{e.Message.Id}': expected a member '{name}' on the way '{path}', found none."
                );
        }
        return at;
    }

    /// <summary>The id of an event's answer: the same for the same event of the same subscription, however often it is computed.</summary>
    public static string AnswerId(ConsumerGroupSnapshot group, string eventId)
    {
        ArgumentNullException.ThrowIfNull(group);
        var id = $"{group.Group}.{group.Epoch}:{eventId}";
        return id.Length <= EventMessage.MaxTextLength
            ? id
            : Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(id))
            );
    }
}
