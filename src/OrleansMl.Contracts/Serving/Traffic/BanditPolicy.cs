namespace OrleansMl.Contracts.Serving.Traffic;

/// <summary>
/// Thompson sampling: for each call a mean outcome is drawn from each version's posterior, and the version with the highest draw answers.
/// Binary outcomes have a Beta prior, numbers a normal-inverse-gamma one.
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.BanditPolicy")]
public sealed record BanditPolicy
{
    /// <summary>The versions: numbers, aliases, or <c>latest</c>.</summary>
    /// <value>2 to 32.</value>
    [Id(0)]
    public required IReadOnlyList<string> Versions { get; init; }

    /// <summary>The part of the calls that each version gets whatever its outcomes, so that one that fell behind by chance, or became better, is noticed.</summary>
    /// <value>The default is 0.01; from 0 to the inverse of the number of versions.</value>
    [Id(1)]
    public double MinShare { get; init; } = 0.01;

    /// <summary>Binary outcomes: successes seen before the first, the Beta prior's α.</summary>
    /// <value>The default is 1; above 0.</value>
    [Id(2)]
    public double PriorSuccesses { get; init; } = 1;

    /// <summary>Binary outcomes: failures seen before the first, the Beta prior's β.</summary>
    /// <value>The default is 1; above 0.</value>
    [Id(3)]
    public double PriorFailures { get; init; } = 1;

    /// <summary>Numbers: the prior mean.</summary>
    /// <value>The default is 0.</value>
    [Id(4)]
    public double PriorMean { get; init; }

    /// <summary>Numbers: the standard deviation of outcomes to expect.</summary>
    /// <value>The default is 1; above 0.</value>
    [Id(5)]
    public double PriorDeviation { get; init; } = 1;

    /// <summary>Numbers: how many outcomes the prior mean and deviation weigh.</summary>
    /// <value>The default is 1; above 0.</value>
    [Id(6)]
    public double PriorWeight { get; init; } = 1;
}
