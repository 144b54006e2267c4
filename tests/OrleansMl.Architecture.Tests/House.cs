using System.Reflection;

namespace OrleansMl.Architecture.Tests;

/// <summary>The projects of DESIGN and what each may refer to. Silo, Worker, Client and Cli are roots: nothing refers to them but each other's rows here.</summary>
internal static class House
{
    /// <summary>Project to the projects that it may name.</summary>
    public static IReadOnlyDictionary<string, string[]> Allowed { get; } =
        new Dictionary<string, string[]>
        {
            ["OrleansMl.Contracts"] = [],
            ["OrleansMl.Core"] = ["OrleansMl.Contracts"],
            ["OrleansMl.Data"] = ["OrleansMl.Contracts", "OrleansMl.Core"],
            ["OrleansMl.Grains"] = ["OrleansMl.Contracts", "OrleansMl.Core"],
            ["OrleansMl.Engines.Torch"] = ["OrleansMl.Contracts", "OrleansMl.Core"],
            ["OrleansMl.Engines.Onnx"] = ["OrleansMl.Contracts", "OrleansMl.Core"],
            ["OrleansMl.Storage"] = ["OrleansMl.Contracts", "OrleansMl.Core"],
            ["OrleansMl.Bridges"] = ["OrleansMl.Contracts", "OrleansMl.Core"],
            ["OrleansMl.Gateway"] = ["OrleansMl.Contracts", "OrleansMl.Core"],
            ["OrleansMl.Console"] = ["OrleansMl.Contracts", "OrleansMl.Core", "OrleansMl.Gateway"],
            ["OrleansMl.Silo"] =
            [
                "OrleansMl.Contracts",
                "OrleansMl.Core",
                "OrleansMl.Bridges",
                "OrleansMl.Data",
                "OrleansMl.Grains",
                "OrleansMl.Storage",
                "OrleansMl.Gateway",
                "OrleansMl.Console",
                "OrleansMl.Engines.Onnx",
            ],
            ["OrleansMl.Worker"] =
            [
                "OrleansMl.Contracts",
                "OrleansMl.Core",
                "OrleansMl.Data",
                "OrleansMl.Engines.Torch",
            ],
            ["OrleansMl.Client"] = ["OrleansMl.Contracts"],
            ["oml"] = ["OrleansMl.Contracts", "OrleansMl.Client"],
        };

    /// <summary>Packages' assemblies that one project alone names, by the beginning of their names.</summary>
    public static IReadOnlyDictionary<string, string[]> Owners { get; } =
        new Dictionary<string, string[]>
        {
            ["TorchSharp"] = ["OrleansMl.Engines.Torch"],
            ["Google.Protobuf"] =
            [
                "OrleansMl.Engines.Torch",
                "OrleansMl.Gateway",
                "OrleansMl.Client",
            ],
            ["Grpc"] = ["OrleansMl.Gateway", "OrleansMl.Client"],
            ["Microsoft.ML.OnnxRuntime"] = ["OrleansMl.Engines.Onnx"],
            ["ParquetSharp"] = ["OrleansMl.Data"],
            ["Sylvan"] = ["OrleansMl.Data"],
            ["Npgsql"] = ["OrleansMl.Storage"],
            ["Microsoft.Data.Sqlite"] = ["OrleansMl.Storage"],
            ["NATS"] = ["OrleansMl.Bridges"],
            ["Microsoft.AspNetCore.Components"] = ["OrleansMl.Console"],
            ["AWSSDK"] = ["OrleansMl.Storage"],
            ["YamlDotNet"] = ["OrleansMl.Core"],
            ["Orleans.Runtime"] = ["OrleansMl.Grains", "OrleansMl.Silo", "OrleansMl.Gateway"],
            ["Spectre.Console"] = ["oml"],
            ["System.CommandLine"] = ["oml"],
        };

    public static Assembly Load(string name) => Assembly.Load(name);

    public static IEnumerable<string> References(string name) =>
        Load(name).GetReferencedAssemblies().Select(a => a.Name!);

    /// <summary>References among our own that the table doesn't allow.</summary>
    public static IEnumerable<string> Unallowed(string project, IEnumerable<string> references) =>
        references.Where(r => Allowed.ContainsKey(r) && !Allowed[project].Contains(r));

    /// <summary>References to packages that belong to another project.</summary>
    public static IEnumerable<string> NotOwned(string project, IEnumerable<string> references) =>
        references.Where(r =>
            Owners.Any(o =>
                r.StartsWith(o.Key, StringComparison.Ordinal) && !o.Value.Contains(project)
            )
        );
}
