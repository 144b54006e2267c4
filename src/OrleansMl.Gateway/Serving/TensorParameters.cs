using System.Text.Json;
using OrleansMl.Contracts;

namespace OrleansMl.Gateway.Serving;

/// <summary>A tensor's <c>parameters</c> that have a meaning here; others are passed over.</summary>
/// <param name="Classes"><c>classification</c>: how many of the best classes; 0: the tensor itself.</param>
/// <param name="IsBinary"><c>binary_data</c>; null: not said.</param>
/// <param name="BinarySize"><c>binary_data_size</c>, in bytes; null: none.</param>
internal readonly record struct TensorParameters(int Classes, bool? IsBinary, long? BinarySize)
{
    /// <summary>Reads the object that comes next, or null.</summary>
    /// <exception cref="InvalidInputException">A parameter has another type or value than it must.</exception>
    public static TensorParameters Read(ref Utf8JsonReader reader, string where)
    {
        var read = default(TensorParameters);
        if (!ParameterReading.Enter(ref reader, where))
            return read;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("classification"u8))
            {
                reader.Read();
                if (
                    reader.TokenType != JsonTokenType.Number
                    || !reader.TryGetInt32(out var classes)
                    || classes < 1
                )
                    throw new InvalidInputException(
                        $"{where}: expected 'classification' to be a number of classes from 1."
                    );
                read = read with { Classes = classes };
            }
            else if (reader.ValueTextEquals("binary_data"u8))
            {
                read = read with
                {
                    IsBinary = ParameterReading.Flag(ref reader, where, "binary_data"),
                };
            }
            else if (reader.ValueTextEquals("binary_data_size"u8))
            {
                read = read with
                {
                    BinarySize = ParameterReading.Integer(
                        ref reader,
                        where,
                        "binary_data_size",
                        long.MaxValue
                    ),
                };
            }
            else
            {
                reader.Skip();
            }
        }
        return read;
    }
}
