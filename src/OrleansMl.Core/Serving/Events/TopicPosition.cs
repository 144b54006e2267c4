using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansMl.Core.Serving.Events;

/// <summary>A place in a topic: the next position of each partition. Its text is the numbers with commas.</summary>
/// <param name="Next">By partition.</param>
public sealed record TopicPosition(IReadOnlyList<long> Next)
{
    /// <summary>Reads the text; false when it is another.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TopicPosition? position)
    {
        ArgumentNullException.ThrowIfNull(text);
        position = null;
        var parts = text.Split(',');
        var next = new long[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (
                !long.TryParse(
                    parts[i],
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out next[i]
                )
            )
                return false;
        }
        position = new TopicPosition(next);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Next);

    /// <inheritdoc/>
    public bool Equals(TopicPosition? other) => other is not null && Next.SequenceEqual(other.Next);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        Next.Count == 0 ? 0 : HashCode.Combine(Next.Count, Next[0]);
}
