using OrleansMl.Contracts.Serving.Explanations;

namespace OrleansMl.Contracts.Serving;

/// <summary>What a request asks for beside its tensors; the Open Inference Protocol's <c>parameters</c> that have a meaning here.</summary>
[GenerateSerializer, Immutable]
[Alias("oml.InferenceParameters")]
public sealed record InferenceParameters
{
    /// <summary>Nothing asked.</summary>
    public static InferenceParameters None { get; } = new();

    /// <summary><c>priority</c>: 1 is the highest, 0 the model's default.</summary>
    [Id(0)]
    public int Priority { get; init; }

    /// <summary><c>timeout</c>, in microseconds from when the request was read; 0: the model's default.</summary>
    [Id(1)]
    public long TimeoutMicroseconds { get; init; }

    /// <summary><c>sequence_id</c>: the sequence that the request belongs to; a number comes as its decimal text. Null: none.</summary>
    [Id(2)]
    public string? SequenceId { get; init; }

    /// <summary><c>sequence_start</c>.</summary>
    [Id(3)]
    public bool SequenceStart { get; init; }

    /// <summary><c>sequence_end</c>.</summary>
    [Id(4)]
    public bool SequenceEnd { get; init; }

    /// <summary><c>explain</c>: explain the answer; null: no.</summary>
    [Id(5)]
    public ExplanationRequest? Explain { get; init; }

    /// <summary><c>sequence_step</c>: which call of its sequence the request is, from 1; it is applied in this place, once, or not at all. 0: whichever comes next.</summary>
    [Id(6)]
    public long SequenceStep { get; init; }
}
