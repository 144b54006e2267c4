using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace OrleansMl.Contracts.Models;

/// <summary>A version of a model, written <c>name@version</c>, for example <c>churn@7</c>. Versions count from 1.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.ModelVersionId")]
[JsonConverter(typeof(ParsableJsonConverter<ModelVersionId>))]
public readonly record struct ModelVersionId : IParsable<ModelVersionId>
{
    /// <summary>Makes an id of a valid name and a version of 1 or more.</summary>
    /// <exception cref="FormatException">The name breaks <see cref="ResourceName"/>'s rules or the version is below 1.</exception>
    public ModelVersionId(string name, int version)
    {
        Name = ResourceName.Check(name, "model");
        Version =
            version >= 1
                ? version
                : throw new FormatException(
                    $"model version of '{name}' must be 1 or more, got {version}."
                );
    }

    /// <summary>The model's name.</summary>
    [Id(0)]
    public string Name { get; }

    /// <summary>The version's number, 1 or more.</summary>
    [Id(1)]
    public int Version { get; }

    /// <summary>Reads <c>name@version</c>.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static ModelVersionId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException(
                $"'{s}' is not a model version: expected name@version, for example churn@7."
            );

    /// <summary>Reads <c>name@version</c>; false when the text is not of that form.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? s,
        IFormatProvider? provider,
        out ModelVersionId result
    )
    {
        result = default;
        var at = s?.LastIndexOf('@') ?? -1;
        if (
            at < 1
            || !ResourceName.IsValid(s![..at])
            || !int.TryParse(
                s.AsSpan(at + 1),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var version
            )
            || version < 1
        )
            return false;
        result = new ModelVersionId(s[..at], version);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}@{Version}";
}
