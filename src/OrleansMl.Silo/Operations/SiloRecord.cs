using System.Text.Json;

namespace OrleansMl.Silo.Operations;

/// <summary>What a running silo writes into its data folder as <c>silo.json</c>, for scripts and the CLI: where it is, with the ports that it found.</summary>
internal sealed record SiloRecord
{
    /// <summary>The file's name.</summary>
    public const string FileName = "silo.json";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Where its HTTP is.</summary>
    public required string Url { get; init; }

    /// <summary>Where its gRPC is, in clear text; null: nowhere.</summary>
    public string? GrpcUrl { get; init; }

    /// <summary>Port for other silos.</summary>
    public required int SiloPort { get; init; }

    /// <summary>Port for .NET clients; 0 is closed.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>Grows with each start.</summary>
    public required long Incarnation { get; init; }

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Write(string directory)
    {
        var path = Path.Combine(directory, FileName);
        File.WriteAllText(
            path + ".new",
            JsonSerializer.Serialize(this, SiloRecordJsonContext.Default.SiloRecord)
        );
        File.Move(path + ".new", path, overwrite: true);
    }
}
