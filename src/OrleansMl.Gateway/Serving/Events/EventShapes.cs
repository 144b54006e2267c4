using System.Text.Json;
using OrleansMl.Contracts.Serving.Events;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving.Events;

/// <summary>Events in their HTTP form and back.</summary>
internal static class EventShapes
{
    public static EventMessage Message(EventRequest request, int index)
    {
        if (request is null)
            throw RequestException.Invalid($"events[{index}]: expected an object, got null.");
        if (request.Data is not null && request.DataBase64 is not null)
            throw RequestException.Invalid(
                $"events[{index}]: expected either data or dataBase64, got both."
            );
        return new EventMessage
        {
            Id = request.Id ?? Guid.NewGuid().ToString("N"),
            Key = request.Key,
            Type = request.Type ?? "",
            IsJson = request.DataBase64 is null,
            Data =
                request.DataBase64
                ?? (
                    request.Data is { } data
                        ? JsonSerializer.SerializeToUtf8Bytes(data)
                        : throw RequestException.Invalid(
                            $"events[{index}]: data is missing; expected a JSON value, or dataBase64."
                        )
                ),
        };
    }

    public static EventRecord Record(LoggedEvent e) =>
        new()
        {
            Id = e.Message.Id,
            Key = e.Message.Key,
            Type = e.Message.Type,
            Partition = e.Partition,
            Position = e.Position,
            PublishedAt = e.PublishedAt,
            Data = e.Message.IsJson ? JsonElement.Parse(e.Message.Data.Span) : null,
            DataBase64 = e.Message.IsJson ? null : e.Message.Data.ToArray(),
        };

    public static DeadLetter Letter(DeadEvent dead) =>
        new()
        {
            Id = new EventPlace(dead.Event.Partition, dead.Event.Position).ToString(),
            Event = Record(dead.Event),
            Tries = dead.Tries,
            Error = dead.Error,
            DeadAt = dead.DeadAt,
            Retrying = dead.Retrying,
        };
}
