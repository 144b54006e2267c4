using Google.Protobuf;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>Writes a model's answer as a message. Raw contents are the answer's own memory: it is released once the message is sent.</summary>
internal static class ModelInferWriter
{
    public static ModelInferResponse Write(
        InferenceResponse response,
        ModelInferRequest request,
        bool isRaw
    )
    {
        var message = new ModelInferResponse
        {
            ModelName = response.Model,
            ModelVersion = response.Version.ToString(),
            Id = request.Id,
        };
        if (response.IsCached)
            message.Parameters["cached"] = new InferParameter { BoolParam = true };
        foreach (var tensor in response.Outputs)
        {
            var output = new ModelInferResponse.Types.InferOutputTensor
            {
                Name = tensor.Name,
                Datatype = tensor.Datatype,
            };
            output.Shape.AddRange(tensor.Shape);
            message.Outputs.Add(output);
            if (isRaw)
                message.RawOutputContents.Add(UnsafeByteOperations.UnsafeWrap(tensor.Data));
            else
                output.Contents = TypedContents.Write(tensor);
        }
        return message;
    }
}
