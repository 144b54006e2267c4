namespace OrleansMl.Contracts.Serving;

/// <summary>How often something happened, and how long it took in all.</summary>
/// <param name="Count">Times.</param>
/// <param name="Nanoseconds">Their sum.</param>
[GenerateSerializer, Immutable]
[Alias("oml.DurationStatistics")]
public readonly record struct DurationStatistics(
    [property: Id(0)] long Count,
    [property: Id(1)] long Nanoseconds
)
{
    /// <summary>The sum of two.</summary>
    public static DurationStatistics operator +(DurationStatistics a, DurationStatistics b) =>
        new(a.Count + b.Count, a.Nanoseconds + b.Nanoseconds);

    /// <summary>The sum of two.</summary>
    public static DurationStatistics Add(DurationStatistics a, DurationStatistics b) => a + b;
}
