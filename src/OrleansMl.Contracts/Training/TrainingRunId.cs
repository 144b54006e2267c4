using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace OrleansMl.Contracts.Training;

/// <summary>A training run's id, chosen by whoever submits it: the same id submitted twice is one run.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.TrainingRunId")]
[JsonConverter(typeof(ParsableJsonConverter<TrainingRunId>))]
public readonly record struct TrainingRunId : IParsable<TrainingRunId>
{
    /// <summary>Makes an id of a valid resource name.</summary>
    /// <exception cref="FormatException">The text breaks <see cref="ResourceName"/>'s rules.</exception>
    public TrainingRunId(string value) => Value = ResourceName.Check(value, "training run");

    /// <summary>The id's text.</summary>
    [Id(0)]
    public string Value { get; }

    /// <summary>Reads an id.</summary>
    /// <exception cref="FormatException">The text breaks <see cref="ResourceName"/>'s rules.</exception>
    public static TrainingRunId Parse(string s, IFormatProvider? provider = null) => new(s);

    /// <summary>Reads an id; false when the text is none.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? s,
        IFormatProvider? provider,
        out TrainingRunId result
    )
    {
        var valid = ResourceName.IsValid(s);
        result = valid ? new TrainingRunId(s!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
