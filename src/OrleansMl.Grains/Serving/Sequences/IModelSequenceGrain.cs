using OrleansMl.Contracts.Serving;

namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>One sequence of calls, by <see cref="Core.Serving.Sequences.SequenceKey"/>.</summary>
[Alias("oml.IModelSequenceGrain")]
internal interface IModelSequenceGrain : IGrainWithStringKey
{
    /// <summary>Runs the next call; when this returns, the state that it left is durable.</summary>
    [Alias("Step")]
    Task<InferenceResponse> StepAsync(SequenceCall call, CancellationToken cancellationToken);
}
