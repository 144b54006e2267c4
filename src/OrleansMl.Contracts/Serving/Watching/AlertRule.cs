namespace OrleansMl.Contracts.Serving.Watching;

/// <summary>When an alert is raised: a measure past a bound, for some windows.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.AlertRule")]
public sealed record AlertRule
{
    /// <summary>Its name, unique in the policy: a resource name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>What is measured.</summary>
    [Id(1)]
    public required WatchMeasure Measure { get; init; }

    /// <summary>The input or output it is measured on; null: each that has the measure, with an alert of its own. Left out for measures of the whole model.</summary>
    [Id(2)]
    public string? Feature { get; init; }

    /// <summary>The alert is raised above this. Exactly one of <see cref="Above"/> and <see cref="Below"/> is given.</summary>
    [Id(3)]
    public double? Above { get; init; }

    /// <summary>The alert is raised below this.</summary>
    [Id(4)]
    public double? Below { get; init; }

    /// <summary>Newest closed windows that are measured together, 1 to the policy's <c>keptWindows</c>.</summary>
    /// <value>The default is 1.</value>
    [Id(5)]
    public int Windows { get; init; } = 1;

    /// <summary>Measurements one after the other, one a closed window, that must be past the bound before the alert is raised, 1 to 96. One within the bound clears it.</summary>
    /// <value>The default is 1.</value>
    [Id(6)]
    public int ForWindows { get; init; } = 1;

    /// <summary>Rows without which nothing is decided either way, 1 or more.</summary>
    /// <value>The default is 200.</value>
    [Id(7)]
    public long MinimumSamples { get; init; } = 200;

    /// <summary>For measures of quality: an alias or version number whose own measure over the same windows is taken off, so that the bound is a difference; null: the measure itself.</summary>
    [Id(8)]
    public string? Baseline { get; init; }
}
