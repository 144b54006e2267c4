using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>An inference request as read from its body.</summary>
/// <param name="Request">What the model gets.</param>
/// <param name="Outputs">How its outputs are wanted; none means all.</param>
/// <param name="Missing">The first null of each input that has one; the tensors hold what stands for a missing value there.</param>
/// <param name="IsOutputBinary">Whether outputs that do not say otherwise come in binary.</param>
internal sealed record ParsedInferenceRequest(
    InferenceRequest Request,
    IReadOnlyList<RequestedOutput> Outputs,
    IReadOnlyList<MissingElement> Missing,
    bool IsOutputBinary = false
);
