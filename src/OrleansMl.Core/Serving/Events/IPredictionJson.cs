using System.Buffers;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving.Events;

/// <summary>The JSON forms of a model's calls and answers, as the HTTP API has them: what comes by other ways reads and writes the same. Implemented by the gateway. Thread-safe.</summary>
public interface IPredictionJson
{
    /// <summary>Reads a body of <c>/predict</c>, <c>{"instances":[…]}</c>.</summary>
    /// <exception cref="Contracts.InvalidInputException">An example is wrong; the message names it.</exception>
    IReadOnlyList<InferenceTensor> ReadInstances(
        ReadOnlyMemory<byte> utf8,
        ModelSignature signature,
        int maxInstances
    );

    /// <summary>Writes the answer of <c>/predict</c>.</summary>
    void WritePredictions(
        IBufferWriter<byte> target,
        InferenceResponse response,
        ModelSignature signature
    );

    /// <summary>Reads a request of the Open Inference Protocol.</summary>
    /// <exception cref="Contracts.InvalidInputException">A tensor is wrong; the message names it.</exception>
    InferenceRequest ReadInference(ReadOnlyMemory<byte> utf8, ModelSignature signature);

    /// <summary>Writes the protocol's answer, with all outputs.</summary>
    void WriteInference(IBufferWriter<byte> target, InferenceResponse response);
}
