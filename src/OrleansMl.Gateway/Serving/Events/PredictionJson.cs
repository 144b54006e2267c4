using System.Buffers;
using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Serving.Events;
using OrleansMl.Gateway.Operations;

namespace OrleansMl.Gateway.Serving.Events;

/// <inheritdoc/>
internal sealed class PredictionJson : IPredictionJson
{
    public IReadOnlyList<InferenceTensor> ReadInstances(
        ReadOnlyMemory<byte> utf8,
        ModelSignature signature,
        int maxInstances
    ) => Read(() => InstanceReader.Read(utf8, signature, maxInstances));

    public void WritePredictions(
        IBufferWriter<byte> target,
        InferenceResponse response,
        ModelSignature signature
    ) => PredictionWriter.Write(target, response, signature);

    public InferenceRequest ReadInference(ReadOnlyMemory<byte> utf8, ModelSignature signature) =>
        Read(() =>
        {
            // Not given back: whoever calls keeps the request for as long as it likes.
            var parsed = InferenceRequestReader.Read(utf8.Span, new TensorMemory());
            if (parsed.Missing.Count > 0)
                TensorElements.CheckMissing(signature, parsed.Missing);
            return parsed.Request;
        });

    public void WriteInference(IBufferWriter<byte> target, InferenceResponse response) =>
        InferenceResponseWriter.Write(target, response, [], [], response.Id);

    // What the gateway answers with 400 or 501 is wrong input here, too.
    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or RequestException)
        {
            throw new InvalidInputException(e.Message, e);
        }
    }
}
