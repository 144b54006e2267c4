using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>
/// One output feature. The exported graph gives, for Category: <c>{Name}</c> BYTES N (or INT64 N when the labels are whole
/// numbers) and <c>{Name}_probabilities</c> FP32 N×C; for Binary: <c>{Name}</c> BOOL N and <c>{Name}_probability</c> FP32 N; for
/// Number: <c>{Name}</c> FP32 N.
/// </summary>
public sealed record HeadPlan
{
    /// <summary>The feature's name: the ONNX output, and the prefix of its parameters.</summary>
    public required string Name { get; init; }

    /// <summary>The dataset's column. Category: text, whole numbers or booleans (classes <c>false</c> and <c>true</c>); Binary: booleans, or whole numbers 0 and 1; Number: numbers.</summary>
    public required string Column { get; init; }

    /// <summary>Category, Binary or Number.</summary>
    public required FeatureType Type { get; init; }

    /// <summary>From the combiner's width to logits (Category: C, Binary: 1) or a value (Number: 1).</summary>
    public required IReadOnlyList<Layer> Layers { get; init; }

    /// <summary>Which loss.</summary>
    public required LossKind Loss { get; init; }

    /// <summary>Category: the labels by class index, as text. Binary: empty.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Whether the labels are whole numbers: the served label is INT64 then.</summary>
    public bool IntegerClasses { get; init; }

    /// <summary>A weight a class (Category), or {negative, positive} (Binary); empty: all 1.</summary>
    public IReadOnlyList<float> ClassWeights { get; init; } = [];

    /// <summary>Share of the target spread over all classes, 0 to below 1.</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>Huber's threshold.</summary>
    public float HuberDelta { get; init; } = 1;

    /// <summary>Number: the network learns (y − TargetShift) / TargetScale; the graph undoes it.</summary>
    public float TargetShift { get; init; }

    /// <summary>Number: above 0.</summary>
    public float TargetScale { get; init; } = 1;

    /// <summary>Weight of its loss in the sum.</summary>
    public float Weight { get; init; } = 1;
}
