using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>
/// Names a governed prediction, so that its outcome can be told later: which version, in which experiment, when, and a number that tells it
/// from others. Written <c>version-experiment-milliseconds-number</c>, the last two hexadecimal, for example <c>7-3-19ab3c4d5e6-9f3a01c2b4d5e6f7</c>.
/// Nothing is stored for it: the id itself says all.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.PredictionId")]
[JsonConverter(typeof(ParsableJsonConverter<PredictionId>))]
public readonly record struct PredictionId : IParsable<PredictionId>
{
    /// <summary>Makes an id.</summary>
    /// <param name="version">1 or more.</param>
    /// <param name="experiment">0 or more.</param>
    /// <param name="milliseconds">Since 1970, UTC; 0 or more.</param>
    /// <param name="number">Tells it from others.</param>
    public PredictionId(int version, long experiment, long milliseconds, ulong number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(experiment);
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds);
        (Version, Experiment, Milliseconds, Number) = (version, experiment, milliseconds, number);
    }

    /// <summary>The version that answered.</summary>
    [Id(0)]
    public int Version { get; }

    /// <summary>The experiment that chose it.</summary>
    [Id(1)]
    public long Experiment { get; }

    /// <summary>When, in milliseconds since 1970, UTC.</summary>
    [Id(2)]
    public long Milliseconds { get; }

    /// <summary>Tells it from others.</summary>
    [Id(3)]
    public ulong Number { get; }

    /// <summary>Whether it names nothing: the default value.</summary>
    public bool IsNone => Version == 0;

    /// <summary>Reads an id.</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static PredictionId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException(
                $"'{s}' is not a prediction id: expected version-experiment-milliseconds-number, for example 7-3-19ab3c4d5e6-9f3a01c2b4d5e6f7."
            );

    /// <summary>Reads an id; false when the text is none.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? s,
        IFormatProvider? provider,
        out PredictionId result
    )
    {
        result = default;
        if (s is null || s.Length > 80)
            return false;
        var parts = s.Split('-');
        if (
            parts.Length != 4
            || !int.TryParse(
                parts[0],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var version
            )
            || version < 1
            || !long.TryParse(
                parts[1],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var experiment
            )
            || !long.TryParse(
                parts[2],
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var milliseconds
            )
            || milliseconds < 0
            || milliseconds > MaxMilliseconds
            || !ulong.TryParse(
                parts[3],
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var number
            )
        )
            return false;
        result = new PredictionId(version, experiment, milliseconds, number);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Version}-{Experiment}-{Milliseconds:x}-{Number:x16}";

    // The end of the year 9999, the last that a date can say.
    private const long MaxMilliseconds = 253_402_300_799_999;
}
