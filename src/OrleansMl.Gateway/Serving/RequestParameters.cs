using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Gateway.Serving;

/// <summary>A request's <c>parameters</c> that have a meaning here; others are passed over.</summary>
/// <param name="Inference">What the model's server gets of them.</param>
/// <param name="IsOutputBinary"><c>binary_data_output</c>: outputs that do not say otherwise come in binary.</param>
internal sealed record RequestParameters(InferenceParameters Inference, bool IsOutputBinary)
{
    private const string Where = "the request";

    /// <summary>The longest sequence id, in characters: one becomes a grain's key.</summary>
    public const int MaxSequenceIdLength = 256;

    public static RequestParameters None { get; } = new(InferenceParameters.None, false);

    /// <summary>Reads the object that comes next, or null.</summary>
    /// <exception cref="InvalidInputException">A parameter has another type or value than it must.</exception>
    public static RequestParameters Read(ref Utf8JsonReader reader)
    {
        if (!ParameterReading.Enter(ref reader, Where))
            return None;
        var inference = InferenceParameters.None;
        var isBinary = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("binary_data_output"u8))
                isBinary = Flag(ref reader, "binary_data_output");
            else if (reader.ValueTextEquals("priority"u8))
                inference = inference with
                {
                    Priority = (int)
                        ParameterReading.Integer(ref reader, Where, "priority", int.MaxValue),
                };
            else if (reader.ValueTextEquals("timeout"u8))
                inference = inference with
                {
                    TimeoutMicroseconds = ParameterReading.Integer(
                        ref reader,
                        Where,
                        "timeout",
                        MaxTimeoutMicroseconds
                    ),
                };
            else if (reader.ValueTextEquals("sequence_id"u8))
                inference = inference with { SequenceId = ReadSequenceId(ref reader) };
            else if (reader.ValueTextEquals("sequence_start"u8))
                inference = inference with { SequenceStart = Flag(ref reader, "sequence_start") };
            else if (reader.ValueTextEquals("sequence_end"u8))
                inference = inference with { SequenceEnd = Flag(ref reader, "sequence_end") };
            else if (reader.ValueTextEquals("sequence_step"u8))
                inference = inference with
                {
                    SequenceStep = ParameterReading.Integer(
                        ref reader,
                        Where,
                        "sequence_step",
                        long.MaxValue
                    ),
                };
            else if (reader.ValueTextEquals("explain"u8))
                inference = inference with { Explain = ExplainParameter.Read(ref reader) };
            else
                reader.Skip();
        }
        return new(inference, isBinary);
    }

    /// <summary>The longest timeout: a day.</summary>
    public const long MaxTimeoutMicroseconds = 24L * 3600 * 1_000_000;

    private static bool Flag(ref Utf8JsonReader reader, string name) =>
        ParameterReading.Flag(ref reader, Where, name) ?? false;

    // Clients send 0 or an empty text with requests of no sequence.
    private static string? ReadSequenceId(ref Utf8JsonReader reader)
    {
        var ahead = reader;
        ahead.Read();
        if (ahead.TokenType == JsonTokenType.Number && ahead.TryGetUInt64(out var number))
        {
            reader = ahead;
            return number == 0 ? null : number.ToString();
        }
        var text = ahead.TokenType is JsonTokenType.String or JsonTokenType.Null
            ? InferenceRequestReader.ReadText(ref reader, "sequence_id")
            : throw Refused();
        return text switch
        {
            null or "" => null,
            { Length: <= MaxSequenceIdLength } => text,
            _ => throw Refused(),
        };
    }

    private static InvalidInputException Refused() =>
        new(
            $"{Where}: expected the parameter 'sequence_id' to be a whole number from 0 or a text of at most {MaxSequenceIdLength} characters."
        );
}
