using System.Text.Json;
using OrleansMl.Contracts;

namespace OrleansMl.Gateway.Serving;

/// <summary>Reads single parameters; an error says which one, where, and what it must be.</summary>
internal static class ParameterReading
{
    /// <summary>Enters the object that comes next; false for null.</summary>
    public static bool Enter(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Null => false,
            JsonTokenType.StartObject => true,
            _ => throw new InvalidInputException(
                $"{where}: expected 'parameters' to be an object."
            ),
        };
    }

    /// <summary>Reads true or false; null counts as not said.</summary>
    public static bool? Flag(ref Utf8JsonReader reader, string where, string name)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.Null => null,
            _ => throw new InvalidInputException(
                $"{where}: expected the parameter '{name}' to be true or false."
            ),
        };
    }

    /// <summary>Reads a whole number from 0.</summary>
    public static long Integer(ref Utf8JsonReader reader, string where, string name, long most)
    {
        reader.Read();
        return
            reader.TokenType == JsonTokenType.Number
            && reader.TryGetInt64(out var value)
            && value >= 0
            && value <= most
            ? value
            : throw new InvalidInputException(
                $"{where}: expected the parameter '{name}' to be a whole number from 0 to {most}."
            );
    }
}
