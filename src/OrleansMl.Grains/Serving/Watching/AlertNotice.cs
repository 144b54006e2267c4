using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>An alert's change on its way to the topic.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AlertNotice")]
internal sealed record AlertNotice
{
    /// <summary>Whether it was raised; else it was cleared.</summary>
    [Id(0)]
    public required bool Raised { get; init; }

    [Id(1)]
    public required AlertSnapshot Alert { get; init; }
}
