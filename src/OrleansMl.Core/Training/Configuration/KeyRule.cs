namespace OrleansMl.Core.Training.Configuration;

/// <summary>
/// One key of the configuration: the parser, the defaults, the JSON Schema and the reference table are all read off
/// these, so that they can't differ.
/// </summary>
/// <param name="Name">As it stands in the YAML.</param>
/// <param name="Rule">What its value may be.</param>
/// <param name="Doc">One sentence for people.</param>
internal sealed record KeyRule(string Name, ValueRule Rule, string Doc)
{
    /// <summary>Whether it must be there.</summary>
    public bool Required { get; init; }

    /// <summary>Its value when absent: a long, double, bool or string, an array of these, or <see cref="Empty"/>; null leaves it unset.</summary>
    public object? Default { get; init; }

    /// <summary>What an unset key means, where the default depends on something else.</summary>
    public string? Unset { get; init; }

    /// <summary>As a default: the defaults of every key in the mapping.</summary>
    public static object Empty { get; } = new();

    public object? DefaultValue =>
        ReferenceEquals(Default, Empty) ? ((IMappingRule)Rule).Defaults() : Default;
}
