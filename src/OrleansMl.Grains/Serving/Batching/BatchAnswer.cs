using OrleansMl.Contracts.Serving;

namespace OrleansMl.Grains.Serving.Batching;

/// <summary>A call's outputs and whose memory they are in; the caller releases it.</summary>
internal readonly record struct BatchAnswer(
    IReadOnlyList<InferenceTensor> Outputs,
    TensorMemory Memory
);
