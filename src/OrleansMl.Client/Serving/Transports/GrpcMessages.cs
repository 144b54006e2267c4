using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;

namespace OrleansMl.Client.Serving.Transports;

/// <summary>The protocol's messages of requests and answers. Tensors go raw, their memory copied into no message.</summary>
internal static class GrpcMessages
{
    public static ModelInferRequest Of(
        string model,
        string? reference,
        InferenceRequest request,
        long timeoutMicroseconds
    )
    {
        var message = new ModelInferRequest
        {
            ModelName = model,
            ModelVersion = reference ?? "",
            Id = request.Id ?? "",
        };
        foreach (var input in request.Inputs)
        {
            var tensor = new ModelInferRequest.Types.InferInputTensor
            {
                Name = input.Name,
                Datatype = input.Datatype,
            };
            tensor.Shape.AddRange(input.Shape);
            message.Inputs.Add(tensor);
            message.RawInputContents.Add(UnsafeByteOperations.UnsafeWrap(input.Data));
        }
        foreach (var output in request.Outputs)
            message.Outputs.Add(
                new ModelInferRequest.Types.InferRequestedOutputTensor { Name = output }
            );
        AddParameters(message, request.Parameters, timeoutMicroseconds);
        return message;
    }

    /// <exception cref="FormatException">It is no answer with raw outputs.</exception>
    public static InferenceResponse Read(ModelInferResponse message)
    {
        if (message.RawOutputContents.Count != message.Outputs.Count)
            throw new FormatException(
                $"expected raw contents of {message.Outputs.Count} outputs, got {message.RawOutputContents.Count}"
            );
        var outputs = new InferenceTensor[message.Outputs.Count];
        for (var i = 0; i < outputs.Length; i++)
            outputs[i] = new InferenceTensor
            {
                Name = message.Outputs[i].Name,
                Datatype = message.Outputs[i].Datatype,
                Shape = [.. message.Outputs[i].Shape],
                Data = message.RawOutputContents[i].Memory,
            };
        return new InferenceResponse
        {
            Model = message.ModelName,
            Version = int.Parse(message.ModelVersion, CultureInfo.InvariantCulture),
            Id = message.Id.Length > 0 ? message.Id : null,
            Outputs = outputs,
        };
    }

    private static void AddParameters(
        ModelInferRequest message,
        InferenceParameters parameters,
        long timeout
    )
    {
        if (timeout > 0)
            message.Parameters["timeout"] = new InferParameter { Int64Param = timeout };
        if (parameters.Priority != 0)
            message.Parameters["priority"] = new InferParameter
            {
                Int64Param = parameters.Priority,
            };
        if (parameters.SequenceId is { } sequence)
        {
            message.Parameters["sequence_id"] = new InferParameter { StringParam = sequence };
            message.Parameters["sequence_start"] = new InferParameter
            {
                BoolParam = parameters.SequenceStart,
            };
            message.Parameters["sequence_end"] = new InferParameter
            {
                BoolParam = parameters.SequenceEnd,
            };
        }
        if (parameters.Explain is { } explain)
            message.Parameters["explain"] = new InferParameter
            {
                StringParam = JsonSerializer.Serialize(explain, ContractsJson.Options),
            };
    }
}
