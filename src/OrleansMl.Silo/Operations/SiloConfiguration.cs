using System.Net;
using OrleansMl.Gateway;
using OrleansMl.Gateway.Trust;
using OrleansMl.Silo.Training;
using OrleansMl.Storage;

namespace OrleansMl.Silo.Operations;

/// <summary>All of a silo's options, read, checked, and completed with what follows from others: the one place where defaults meet.</summary>
internal sealed class SiloConfiguration
{
    private const string EnvironmentPrefix = "OML_";
    private const string PodName = "POD_NAME";

    /// <summary>The silo.</summary>
    public required SiloOptions Silo { get; init; }

    /// <summary>Its workers.</summary>
    public required WorkerOptions Workers { get; init; }

    /// <summary>Failure detection.</summary>
    public required MembershipOptions Membership { get; init; }

    /// <summary>Traces, metrics, logs.</summary>
    public required TelemetryOptions Telemetry { get; init; }

    /// <summary>Database and artifacts.</summary>
    public required StorageOptions Storage { get; init; }

    /// <summary>The HTTP API.</summary>
    public required GatewayOptions Gateway { get; init; }

    /// <summary>What its connections may take.</summary>
    public required HttpOptions Http { get; init; }

    /// <summary>Who may call it.</summary>
    public required SecurityOptions Security { get; init; }

    /// <summary>The whole, for sections that others read.</summary>
    public required IConfiguration Root { get; init; }

    /// <summary>Reads file, environment and command line, in that order; later ones win.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; every error names its key.</exception>
    public static SiloConfiguration Load(
        SiloCommandLine line,
        IReadOnlyDictionary<string, string?> environment
    )
    {
        var builder = new ConfigurationBuilder();
        if (line.ConfigFile is { } file)
        {
            if (!File.Exists(file))
                throw new ConfigurationException([
                    $"--config: expected a JSON file, found no '{file}'.",
                ]);
            builder.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
        }
        builder.AddInMemoryCollection(
            environment
                .Where(entry =>
                    entry.Key.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase)
                )
                .Select(entry =>
                    KeyValuePair.Create(
                        entry
                            .Key[EnvironmentPrefix.Length..]
                            .Replace("__", ":", StringComparison.Ordinal),
                        entry.Value
                    )
                )
                .Where(entry => entry.Key.Contains(':', StringComparison.Ordinal))
        );
        builder.AddInMemoryCollection(line.Settings);
        try
        {
            return Read(builder.Build(), environment.GetValueOrDefault(PodName));
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationException([
                $"--config: expected a JSON object, got '{line.ConfigFile}': {(e.InnerException ?? e).Message}",
            ]);
        }
    }

    private static SiloConfiguration Read(IConfigurationRoot root, string? pod)
    {
        var reader = new ConfigurationReader(root);
        var silo = reader.Fill(SiloOptions.Section, new SiloOptions());
        // Orleans' Kubernetes hosting names the silo after its pod; slots and metadata must say the same.
        if (silo.Kubernetes && pod is not null)
            silo.Name = pod;
        var storage = DefaultStorage(silo);
        var gateway = new GatewayOptions { SpoolDirectory = DefaultSpool(silo) };
        var configuration = new SiloConfiguration
        {
            Silo = silo,
            Workers = reader.Fill(WorkerOptions.Section, new WorkerOptions()),
            Membership = reader.Fill(MembershipOptions.Section, new MembershipOptions()),
            Telemetry = reader.Fill(TelemetryOptions.Section, new TelemetryOptions()),
            Storage = reader.Fill(ConfigurationSections.Storage, storage),
            Gateway = reader.Fill(GatewayOptions.Section, gateway),
            Http = reader.Fill(HttpOptions.Section, new HttpOptions()),
            Security = reader.Fill(SecurityOptions.Section, new SecurityOptions()),
            Root = root,
        };
        // The owning projects fill and check these for themselves; here only their keys are.
        foreach (var (section, create) in ConfigurationSections.Others)
            reader.Fill(section, create());
        reader.CheckSections("");
        foreach (var parent in ConfigurationSections.Parents)
            reader.CheckSections(parent);
        string[] errors =
        [
            .. reader.Errors,
            .. silo.Validate(configuration.Security.ClusterTls.IsConfigured()),
            .. configuration.Workers.Validate(),
            .. configuration.Membership.Validate(),
            .. configuration.Telemetry.Validate(),
            .. configuration.Http.Validate(),
            .. storage.Validate(),
            .. configuration.CheckTogether(),
        ];
        return errors.Length == 0 ? configuration : throw new ConfigurationException(errors);
    }

    /// <summary>Fills options that a project's own registration makes.</summary>
    public T Fill<T>(string section, T options)
        where T : class => new ConfigurationReader(Root).Fill(section, options);

    /// <summary>Where uploads are spooled when nothing else is configured.</summary>
    public static string DefaultSpool(SiloOptions silo) =>
        Path.Combine(Path.GetFullPath(silo.DataDirectory), "uploads");

    private static StorageOptions DefaultStorage(SiloOptions silo)
    {
        var data = Path.GetFullPath(silo.DataDirectory);
        var storage = new StorageOptions();
        storage.Database.ConnectionString = $"Data Source={Path.Combine(data, "oml.db")}";
        storage.Artifacts.Path = Path.Combine(data, "artifacts");
        storage.Artifacts.CachePath = Path.Combine(data, "cache");
        return storage;
    }

    private IEnumerable<string> CheckTls()
    {
        const string section = SecurityOptions.Section;
        var https = Silo.Url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        if (https != !string.IsNullOrEmpty(Security.Tls.Certificate))
            yield return https
                ? $"{section}:{nameof(Security.Tls)}:{nameof(Security.Tls.Certificate)}: expected a file for {SiloOptions.Section}:{nameof(Silo.Url)} {Silo.Url}, got none."
                : $"{SiloOptions.Section}:{nameof(Silo.Url)}: expected https with {section}:{nameof(Security.Tls)}:{nameof(Security.Tls.Certificate)}, got '{Silo.Url}'.";
        if (Silo.GrpcUrl?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true)
            yield return $"{SiloOptions.Section}:{nameof(Silo.GrpcUrl)}: expected http, got '{Silo.GrpcUrl}': with TLS, {nameof(Silo.Url)} takes gRPC too.";
        var cluster = Security.ClusterTls;
        if (cluster.IsConfigured() == string.IsNullOrEmpty(cluster.Authority))
            yield return $"{section}:{nameof(Security.ClusterTls)}: expected {nameof(cluster.Certificate)} and {nameof(cluster.Authority)}, or neither, got one of them.";
    }

    // Rules over more than one section.
    private IEnumerable<string> CheckTogether()
    {
        foreach (
            var (key, url) in new[]
            {
                (nameof(Silo.Url), Silo.Url),
                (nameof(Silo.GrpcUrl), Silo.GrpcUrl),
            }
        )
        {
            if (url is not null && RefusalOf(url) is { } refused)
                yield return $"{SiloOptions.Section}:{key}: {refused}";
        }
        foreach (var error in CheckTls())
            yield return error;
        if (
            Silo.Kubernetes
            && Storage.Database.Provider == OrleansMl.Storage.Operations.DatabaseProvider.Sqlite
        )
            yield return $"Storage:Database:Provider: expected PostgreSql with {SiloOptions.Section}:{nameof(Silo.Kubernetes)}, got Sqlite, which serves one process alone.";
        if (
            IPAddress.TryParse(Silo.AdvertisedAddress, out var address)
            && !IPAddress.IsLoopback(address)
            && Storage.Database.Provider == OrleansMl.Storage.Operations.DatabaseProvider.Sqlite
        )
            yield return $"Storage:Database:Provider: expected PostgreSql for a silo that others reach at {Silo.AdvertisedAddress}, got Sqlite, which serves one process alone.";
    }

    private string? RefusalOf(string url)
    {
        try
        {
            GatewaySecurity.RequireKeysBeyondLoopback([url], Security);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }
}
