using System.Text.Json;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Core.Serving;

/// <summary>Raw inputs for a few rows and what the trained model itself gave for them; a JSON file beside the exported model.</summary>
/// <param name="Inputs">All the model's inputs.</param>
/// <param name="Outputs">Outputs of the trained model; a label output is left out where two classes are too near to tell apart.</param>
public sealed record GoldenSample(
    IReadOnlyList<InferenceTensor> Inputs,
    IReadOnlyList<InferenceTensor> Outputs
)
{
    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static GoldenSample Read(string path)
    {
        try
        {
            var sample = JsonSerializer.Deserialize<GoldenSample>(File.ReadAllBytes(path));
            if (sample is { Inputs.Count: > 0, Outputs.Count: > 0 })
                return sample;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is no golden sample: {error.Message}", error);
        }
        throw new InvalidDataException($"{path} is no golden sample: it lacks inputs or outputs.");
    }

    /// <summary>Writes the file.</summary>
    public void Write(string path) =>
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(this));
}
