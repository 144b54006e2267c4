namespace OrleansMl.Contracts.Serving.Explanations;

/// <summary>What a feature is replaced by when it is taken away.</summary>
[GenerateSerializer]
[Alias("oml.ExplanationBaseline")]
public enum ExplanationBaseline
{
    /// <summary>The training data's mean; its most frequent category.</summary>
    Mean = 0,

    /// <summary>0; false; the empty text.</summary>
    Zero = 1,
}
