using System.Text.Json;
using OrleansMl.Contracts;

namespace OrleansMl.Cli.Operations;

/// <summary>What a running silo writes into its data folder.</summary>
internal sealed record SiloRecord
{
    public const string FileName = "silo.json";

    public required string Name { get; init; }

    public required int ProcessId { get; init; }

    public required string Url { get; init; }

    /// <summary>Reads a data folder's record.</summary>
    /// <exception cref="InvalidInputException">There is none, or it can't be read.</exception>
    public static SiloRecord Read(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        if (!File.Exists(path))
            throw new InvalidInputException(
                $"no silo has run in '{dataDirectory}': there is no {FileName}."
            );
        try
        {
            return JsonSerializer.Deserialize<SiloRecord>(
                    File.ReadAllText(path),
                    ContractsJson.Options
                ) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"'{path}' can't be read: {e.Message}", e);
        }
    }
}
