using System.Text.Json.Serialization;

namespace OrleansMl.Contracts.Serving.Explanations;

/// <summary>How a prediction is explained.</summary>
[GenerateSerializer]
[Alias("oml.ExplanationMethod")]
public enum ExplanationMethod
{
    /// <summary>How much the output falls when one feature is replaced by the baseline, the others as they are.</summary>
    [JsonStringEnumMemberName("occlusion")]
    Occlusion = 0,

    /// <summary>Shapley values by sampled orders of the features: what each adds on average when it joins those before it.</summary>
    [JsonStringEnumMemberName("shapley-sampling")]
    ShapleySampling = 1,
}
