using System.Text.Json;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving;

namespace OrleansMl.Cli.Models;

/// <summary>A serving policy in a file: JSON, one member a section, as in examples/serving-canary.json.</summary>
internal static class PolicyFile
{
    /// <summary>Reads one; <c>-</c> is standard input.</summary>
    /// <exception cref="InvalidInputException">It is none.</exception>
    public static async Task<ServingPolicy> ReadAsync(
        CliSession session,
        string path,
        CancellationToken cancellationToken
    )
    {
        var text =
            path == "-"
                ? await session.Environment.In.ReadToEndAsync(cancellationToken)
                : await File.ReadAllTextAsync(path, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize<ServingPolicy>(text, ContractsJson.Options)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException(
                $"'{path}' is not a serving policy, as examples/serving-canary.json is one: {e.Message}",
                e
            );
        }
    }
}
