namespace OrleansMl.Silo.Operations;

/// <summary>The silo's command line.</summary>
internal sealed class SiloCommandLine
{
    /// <summary>What <c>--help</c> prints.</summary>
    public const string Help = """
        A silo of an OrleansMl cluster.

        usage: OrleansMl.Silo [--config FILE] [OPTION VALUE | --Section:Key VALUE]…

          --config FILE          JSON configuration; environment and command line win over it
          --name NAME            Silo:Name, unique in the cluster
          --roles A,B            Silo:Roles: gateway, serve, train (default: all)
          --url URL              Silo:Url, where HTTP listens (default http://127.0.0.1:8080; port 0 takes a free one)
          --grpc-url URL         Silo:GrpcUrl, where gRPC listens in clear text (default: nowhere; port 0 takes a free one)
          --data DIR             Silo:DataDirectory, owned by this process alone (default ./oml-data)
          --slots A,B            Silo:Slots, devices that train: cpu:0, cuda:0, … (default cpu:0)
          --Section:Key VALUE    any other key, for example --Workers:Threads 2
          --check                checks the configuration and ends
          --help, --version

        The environment gives keys as OML_Section__Key, for example OML_Silo__Name=silo-2.
        Exit codes: 0 stopped on request, 1 failed, 2 wrong configuration or command line.

        examples:
          OrleansMl.Silo
          OrleansMl.Silo --url http://127.0.0.1:9000 --data /var/lib/oml
          OrleansMl.Silo --config cluster-config/three-silos/silo-1.json
        """;

    private static readonly Dictionary<string, string> ShortForms = new(StringComparer.Ordinal)
    {
        ["--name"] = "Silo:Name",
        ["--roles"] = "Silo:Roles",
        ["--url"] = "Silo:Url",
        ["--grpc-url"] = "Silo:GrpcUrl",
        ["--data"] = "Silo:DataDirectory",
        ["--slots"] = "Silo:Slots",
    };

    private SiloCommandLine() { }

    /// <summary>The configuration file.</summary>
    public string? ConfigFile { get; private set; }

    /// <summary>Keys and values given.</summary>
    public Dictionary<string, string?> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Only check.</summary>
    public bool CheckOnly { get; private set; }

    /// <summary>Print the help.</summary>
    public bool ShowHelp { get; private set; }

    /// <summary>Print the version.</summary>
    public bool ShowVersion { get; private set; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ConfigurationException">An argument is unknown or lacks its value.</exception>
    public static SiloCommandLine Parse(IReadOnlyList<string> args)
    {
        var line = new SiloCommandLine();
        for (var i = 0; i < args.Count; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var name = equals > 0 ? args[i][..equals] : args[i];
            switch (name)
            {
                case "--help" or "-h":
                    line.ShowHelp = true;
                    break;
                case "--version":
                    line.ShowVersion = true;
                    break;
                case "--check":
                    line.CheckOnly = true;
                    break;
                default:
                    var value = equals > 0 ? args[i][(equals + 1)..] : Next(args, ref i);
                    line.Set(name, value);
                    break;
            }
        }
        return line;
    }

    private static string Next(IReadOnlyList<string> args, ref int i) =>
        i + 1 < args.Count
            ? args[++i]
            : throw new ConfigurationException([$"{args[i]}: expected a value after it."]);

    private void Set(string name, string value)
    {
        if (name == "--config")
            ConfigFile = value;
        else if (ShortForms.TryGetValue(name, out var key))
            Settings[key] = value;
        else if (
            name.StartsWith("--", StringComparison.Ordinal)
            && name.Contains(':', StringComparison.Ordinal)
        )
            Settings[name[2..]] = value;
        else
            throw new ConfigurationException([$"{name}: unknown argument; see --help."]);
    }
}
