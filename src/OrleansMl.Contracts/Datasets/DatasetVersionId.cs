using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace OrleansMl.Contracts.Datasets;

/// <summary>A version of a dataset, written <c>name@version</c>, for example <c>fashion@1</c>. Versions count from 1.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.DatasetVersionId")]
[JsonConverter(typeof(ParsableJsonConverter<DatasetVersionId>))]
public readonly record struct DatasetVersionId : IParsable<DatasetVersionId>
{
    /// <summary>Makes an id of a valid name and a version of 1 or more.</summary>
    /// <exception cref="FormatException">The name breaks <see cref="ResourceName"/>'s rules or the version is below 1.</exception>
    public DatasetVersionId(string name, int version)
    {
        Name = ResourceName.Check(name, "dataset");
        Version =
            version >= 1
                ? version
                : throw new FormatException(
                    $"dataset version of '{name}' must be 1 or more, got {version}."
                );
    }

    /// <summary>The dataset's name.</summary>
    [Id(0)]
    public string Name { get; }

    /// <summary>The version's number, 1 or more.</summary>
    [Id(1)]
    public int Version { get; }

    /// <summary>Reads <c>name@version</c>.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static DatasetVersionId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException(
                $"'{s}' is not a dataset version: expected name@version, for example fashion@1."
            );

    /// <summary>Reads <c>name@version</c>; false when the text is not of that form.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? s,
        IFormatProvider? provider,
        out DatasetVersionId result
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
        result = new DatasetVersionId(s[..at], version);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}@{Version}";
}
