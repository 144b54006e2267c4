using Google.Protobuf.Collections;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;
using OrleansMl.Gateway.Operations;
using OrleansMl.Gateway.Serving.Grpc.Protocol;
using Choice = OrleansMl.Gateway.Serving.Grpc.Protocol.InferParameter.ParameterChoiceOneofCase;

namespace OrleansMl.Gateway.Serving.Grpc;

/// <summary>Reads maps of parameters: those that have a meaning here; others are passed over.</summary>
internal static class InferParameters
{
    private const string Where = "the request";

    /// <summary>A request's.</summary>
    /// <exception cref="InvalidInputException">One has another type or value than it must.</exception>
    public static RequestParameters Read(MapField<string, InferParameter> parameters)
    {
        var inference = InferenceParameters.None;
        // The protocol's answers over gRPC are raw unless a caller asks otherwise.
        var isBinary = true;
        foreach (var (name, value) in parameters)
        {
            inference = name switch
            {
                "priority" => inference with
                {
                    Priority = (int)Integer(Where, name, value, int.MaxValue),
                },
                "timeout" => inference with
                {
                    TimeoutMicroseconds = Integer(
                        Where,
                        name,
                        value,
                        RequestParameters.MaxTimeoutMicroseconds
                    ),
                },
                "sequence_id" => inference with { SequenceId = SequenceId(value) },
                "sequence_start" => inference with { SequenceStart = Flag(Where, name, value) },
                "sequence_end" => inference with { SequenceEnd = Flag(Where, name, value) },
                "sequence_step" => inference with
                {
                    SequenceStep = Integer(Where, name, value, long.MaxValue),
                },
                "explain" => inference with
                {
                    Explain = ExplainParameter.OfText(Text(name, value)),
                },
                _ => inference,
            };
            if (name == "binary_data_output")
                isBinary = Flag(Where, name, value);
        }
        return new RequestParameters(inference, isBinary);
    }

    /// <summary>An output's <c>classification</c>: how many of the best classes; 0: the tensor itself.</summary>
    /// <exception cref="InvalidInputException">It is no number from 1.</exception>
    public static int Classes(string output, MapField<string, InferParameter> parameters)
    {
        if (!parameters.TryGetValue("classification", out var value))
            return 0;
        var classes = Integer($"output '{output}'", "classification", value, int.MaxValue);
        return classes >= 1
            ? (int)classes
            : throw new InvalidInputException(
                $"output '{output}': expected 'classification' to be a number of classes from 1."
            );
    }

    /// <summary>Refuses tensors that are elsewhere than in the message.</summary>
    /// <exception cref="RequestException">501: the tensor is said to be in shared memory.</exception>
    public static void RefuseSharedMemory(
        string tensor,
        MapField<string, InferParameter> parameters
    )
    {
        if (parameters.ContainsKey("shared_memory_region"))
            throw RequestException.Unsupported(
                $"{tensor}: shared memory is not offered; send and take tensors in the message."
            );
    }

    private static long Integer(string where, string name, InferParameter value, long most)
    {
        var number = value.ParameterChoiceCase switch
        {
            Choice.Int64Param => value.Int64Param,
            Choice.Uint64Param when value.Uint64Param <= long.MaxValue => (long)value.Uint64Param,
            _ => -1,
        };
        return number >= 0 && number <= most
            ? number
            : throw new InvalidInputException(
                $"{where}: expected the parameter '{name}' to be a whole number from 0 to {most}."
            );
    }

    private static bool Flag(string where, string name, InferParameter value) =>
        value.ParameterChoiceCase == Choice.BoolParam
            ? value.BoolParam
            : throw new InvalidInputException(
                $"{where}: expected the parameter '{name}' to be true or false."
            );

    private static string Text(string name, InferParameter value) =>
        value.ParameterChoiceCase == Choice.StringParam
            ? value.StringParam
            : throw new InvalidInputException(
                $"{Where}: expected the parameter '{name}' to be text."
            );

    // Clients send 0 or an empty text with requests of no sequence.
    private static string? SequenceId(InferParameter value) =>
        value.ParameterChoiceCase switch
        {
            Choice.Int64Param when value.Int64Param >= 0 => value.Int64Param == 0
                ? null
                : value.Int64Param.ToString(),
            Choice.Uint64Param => value.Uint64Param == 0 ? null : value.Uint64Param.ToString(),
            Choice.StringParam when value.StringParam.Length == 0 => null,
            Choice.StringParam
                when value.StringParam.Length <= RequestParameters.MaxSequenceIdLength =>
                value.StringParam,
            _ => throw new InvalidInputException(
                $"{Where}: expected the parameter 'sequence_id' to be a whole number from 0 or a text of at most {RequestParameters.MaxSequenceIdLength} characters."
            ),
        };
}
