using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Serving.Grpc.Protocol;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>Reads a message of ModelInfer. Raw contents stay where the message has them; typed ones are copied into rented memory.</summary>
internal static class ModelInferReader
{
    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidInputException">A tensor's form is wrong; its values are checked by who runs the model.</exception>
    public static ParsedInferenceRequest Read(ModelInferRequest message, TensorMemory memory)
    {
        if (message.Inputs.Count > InferenceRequestReader.MaxTensors)
            throw InferenceRequestReader.TooMany("inputs");
        if (message.Outputs.Count > InferenceRequestReader.MaxTensors)
            throw InferenceRequestReader.TooMany("outputs");
        var parameters = InferParameters.Read(message.Parameters);
        var raw = message.RawInputContents;
        if (
            raw.Count > 0
            && message.Inputs.FirstOrDefault(input => input.Contents is not null) is { } typed
        )
            throw new InvalidInputException(
                $"contents field must not be specified when using raw_input_contents for '{typed.Name}' for model '{message.ModelName}'."
            );
        if (raw.Count > 0 && raw.Count != message.Inputs.Count)
            throw new InvalidInputException(
                $"raw_input_contents: expected one for each of {message.Inputs.Count} inputs, got {raw.Count}."
            );
        var inputs = new InferenceTensor[message.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            var input = message.Inputs[i];
            InferParameters.RefuseSharedMemory($"input '{input.Name}'", input.Parameters);
            if (input.Shape.Count > InferenceRequestReader.MaxRank)
                throw new InvalidInputException(
                    $"input '{input.Name}': expected at most {InferenceRequestReader.MaxRank} dimensions, got {input.Shape.Count}."
                );
            long[] shape = [.. input.Shape];
            inputs[i] = new InferenceTensor
            {
                Name = input.Name,
                Datatype = input.Datatype,
                Shape = shape,
                Data =
                    raw.Count > 0
                        ? raw[i].Memory
                        : TypedContents.Read(
                            input.Name,
                            input.Datatype,
                            shape,
                            input.Contents ?? new InferTensorContents(),
                            memory
                        ),
            };
        }
        var outputs = new RequestedOutput[message.Outputs.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            var output = message.Outputs[i];
            InferParameters.RefuseSharedMemory($"output '{output.Name}'", output.Parameters);
            outputs[i] = new RequestedOutput(
                output.Name,
                InferParameters.Classes(output.Name, output.Parameters)
            );
        }
        return new ParsedInferenceRequest(
            new InferenceRequest
            {
                Id = message.Id.Length > 0 ? message.Id : null,
                Inputs = inputs,
                Outputs = [.. outputs.Select(output => output.Name)],
                Parameters = parameters.Inference,
                Memory = memory,
            },
            outputs,
            [],
            parameters.IsOutputBinary
        );
    }
}
