namespace OrleansMl.Contracts.Serving.Explanations;

/// <summary>
/// The ask to explain each row of a request (<c>parameters.explain</c>). The answer's further outputs: <c>explanation_INPUT</c> (FP32: what each
/// feature, element or patch contributes), <c>explanation_value</c> and <c>explanation_base</c> (the explained output of the row and of the
/// baseline) and <c>explanation_target</c> (INT64: which element of the output was explained).
/// </summary>
[GenerateSerializer, Immutable]
[Alias("oml.ExplanationRequest")]
public sealed record ExplanationRequest
{
    /// <summary>The method.</summary>
    /// <value>The default is <c>occlusion</c>.</value>
    [Id(0)]
    public ExplanationMethod Method { get; init; }

    /// <summary>Sampled orders of the features, 1 to 10,000; each costs as many evaluations as there are features. For <c>shapley-sampling</c>.</summary>
    /// <value>The default is 16.</value>
    [Id(1)]
    public int Samples { get; init; } = 16;

    /// <summary>What takes a feature's place.</summary>
    /// <value>The default is <c>mean</c>.</value>
    [Id(2)]
    public ExplanationBaseline Baseline { get; init; }

    /// <summary>The output to explain; null: the probabilities where there are some, else the first that holds numbers.</summary>
    [Id(3)]
    public string? Output { get; init; }

    /// <summary>The element of the output's row, from 0; null: the largest, which for probabilities is the likeliest class.</summary>
    [Id(4)]
    public int? Target { get; init; }

    /// <summary>Seed of the orders: the same seed gives the same values.</summary>
    [Id(5)]
    public long Seed { get; init; } = 42;

    /// <summary>Pixels on each side of an image's patch, or neighbouring elements of a vector, that are taken away together; null: 1 for vectors, for images so many that there are at most 7 patches a side.</summary>
    [Id(6)]
    public int? Patch { get; init; }
}
