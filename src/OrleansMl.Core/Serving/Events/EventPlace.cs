using System.Globalization;
using OrleansMl.Contracts;

namespace OrleansMl.Core.Serving.Events;

/// <summary>An event's place in its topic; as text <c>PARTITION-POSITION</c>.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Position">The place there.</param>
public readonly record struct EventPlace(int Partition, long Position)
{
    /// <summary>Reads the text.</summary>
    /// <exception cref="InvalidInputException">It is none.</exception>
    public static EventPlace Parse(string text)
    {
        var parts = text?.Split('-') ?? [];
        return
            parts.Length == 2
            && int.TryParse(
                parts[0],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var partition
            )
            && long.TryParse(
                parts[1],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var position
            )
            ? new(partition, position)
            : throw new InvalidInputException(
                $"'{text}' is no dead letter's id: expected PARTITION-POSITION, for example 3-1041."
            );
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Partition}-{Position}");
}
