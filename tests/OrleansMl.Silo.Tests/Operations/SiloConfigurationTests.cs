using OrleansMl.Core.Trust;
using OrleansMl.Silo.Operations;
using OrleansMl.Silo.Trust;

namespace OrleansMl.Silo.Tests.Operations;

public sealed class SiloConfigurationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("oml-test-").FullName;

    [Fact]
    public void Without_anything_a_silo_has_every_role_on_loopback_and_an_embedded_database()
    {
        var configuration = Load([]);

        Assert.Equal(["gateway", "serve", "train"], configuration.Silo.Roles);
        Assert.Equal(["cpu:0"], configuration.Silo.Slots);
        Assert.Equal("http://127.0.0.1:8080", configuration.Silo.Url);
        Assert.Equal(
            Storage.Operations.DatabaseProvider.Sqlite,
            configuration.Storage.Database.Provider
        );
        Assert.StartsWith(
            $"Data Source={Path.GetFullPath("oml-data")}",
            configuration.Storage.Database.ConnectionString
        );
    }

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        var file = Write(
            """
            {
              // A comment is fine.
              "Silo": { "Name": "from-file", "ClusterId": "from-file", "ServiceId": "from-file", "Roles": ["gateway", "serve"] },
              "Workers": { "Threads": 3 }
            }
            """
        );
        var configuration = Load(
            ["--config", file, "--name", "from-line", "--roles=train"],
            ("OML_Silo__Name", "from-environment"),
            ("OML_SILO__CLUSTERID", "from-environment"),
            ("PATH", "/bin")
        );

        Assert.Equal("from-line", configuration.Silo.Name);
        Assert.Equal("from-environment", configuration.Silo.ClusterId);
        Assert.Equal("from-file", configuration.Silo.ServiceId);
        Assert.Equal(["train"], configuration.Silo.Roles);
        Assert.Equal(3, configuration.Workers.Threads);
    }

    [Fact]
    public void Issuers_are_read_by_name_and_a_mistyped_key_of_one_is_refused()
    {
        var read = Load(
            [
                "--Security:Jwt:Issuers:corp:Authority",
                "https://idp.example",
                "--Security:Jwt:Issuers:corp:Audiences",
                "oml,other",
                "--Security:Jwt:Issuers:corp:Roles:ml-ops",
                "operator",
            ],
            ("OML_Security__Jwt__Issuers__lab__KeysFile", "/keys.json")
        );
        var refused = Assert.Throws<ConfigurationException>(() =>
            Load(["--Security:Jwt:Issuers:corp:Authorty", "https://idp.example"])
        );

        Assert.Equal(["corp", "lab"], read.Security.Jwt.Issuers.Keys.Order());
        var corp = read.Security.Jwt.Issuers["corp"];
        Assert.Equal("https://idp.example", corp.Authority);
        Assert.Equal(["oml", "other"], corp.Audiences);
        Assert.Equal("operator", corp.Roles["ml-ops"]);
        Assert.Equal("/keys.json", read.Security.Jwt.Issuers["lab"].KeysFile);
        Assert.Contains("did you mean Authority", Assert.Single(refused.Errors));
    }

    [Theory]
    [InlineData(GrainCallCheck.Off)]
    [InlineData(
        GrainCallCheck.Check,
        "--Security:Jwt:Issuers:corp:Authority",
        "https://idp.example"
    )]
    [InlineData(GrainCallCheck.Check, "--Silo:AdvertisedAddress", "10.0.0.1")]
    [InlineData(GrainCallCheck.Prove, "--ClusterTokens:GrainCalls", "Prove")]
    [InlineData(GrainCallCheck.Check, "--ClusterTokens:GrainCalls", "check")]
    public void Grain_calls_are_checked_but_on_a_machine_without_any_security(
        GrainCallCheck expected,
        params string[] arguments
    )
    {
        var configuration = Load([
            .. arguments,
            "--Silo:TrustedNetwork",
            "true",
            "--Storage:Database:Provider",
            "PostgreSql",
            "--Storage:Database:ConnectionString",
            "Host=db",
        ]);
        var options = new ClusterTokenOptions();
        configuration.Fill(ClusterTokenOptions.Section, options);

        Assert.Equal(expected, SiloGrainCalls.Decide(options.GrainCalls, configuration));
    }

    [Fact]
    public void Lists_replace_the_default_and_labels_are_read()
    {
        var configuration = Load(
            ["--slots", "cuda:0, cuda:1", "--Silo:Labels:zone", "a"],
            ("OML_Security__ApiKeys", $"ci:{new string('a', 64)},{new string('b', 64)}")
        );

        Assert.Equal(["cuda:0", "cuda:1"], configuration.Silo.Slots);
        Assert.Equal("a", configuration.Silo.Labels["zone"]);
        Assert.Equal(2, configuration.Security.ApiKeys.Count);
    }

    [Theory]
    [InlineData("--Silo:Name", "Silo 1", "Silo:Name: expected 1 to 100 characters")]
    [InlineData(
        "--Silo:Roles",
        "train,cook",
        "Silo:Roles: expected gateway, serve, train, got 'cook'"
    )]
    [InlineData("--Silo:Roles", "train,train", "Silo:Roles: expected one or more of")]
    [InlineData(
        "--Silo:SiloPort",
        "eleven",
        "Silo:SiloPort: expected a whole number (Int32), got 'eleven'"
    )]
    [InlineData("--Silo:SiloPort", "70000", "Silo:SiloPort: expected 0 to 65535, got 70000")]
    [InlineData("--Silo:GatewayPort", "-1", "Silo:GatewayPort: expected 0 to 65535, got -1")]
    [InlineData("--Silo:Url", "ftp://127.0.0.1", "Silo:Url: expected http://ADDRESS:PORT")]
    [InlineData(
        "--Silo:Url",
        "http://0.0.0.0:80",
        "Silo:Url: 'http://0.0.0.0:80' listens beyond loopback"
    )]
    [InlineData("--Silo:Url", "http://+:80", "Silo:Url: 'http://+:80' listens beyond loopback")]
    [InlineData(
        "--Silo:AdvertisedAddress",
        "home",
        "Silo:AdvertisedAddress: expected an IP address, got 'home'"
    )]
    [InlineData("--Silo:GrpcUrl", "127.0.0.1:81", "Silo:GrpcUrl: expected http://ADDRESS:PORT")]
    [InlineData("--Silo:GrpcUrl", "http://127.0.0.1:8080", "Silo:GrpcUrl: expected another port")]
    [InlineData(
        "--Silo:GrpcUrl",
        "http://+:81",
        "Silo:GrpcUrl: 'http://+:81' listens beyond loopback"
    )]
    [InlineData("--Silo:AdvertisedAddress", "10.0.0.1", "Silo:TrustedNetwork=true")]
    [InlineData("--Silo:Slots", "gpu", "Silo:Slots: expected cpu:N or cuda:N, got 'gpu'")]
    [InlineData("--Silo:Labels:BIG", "x", "Silo:Labels: expected names of lower-case letters")]
    [InlineData("--Silo:Dashboard", "maybe", "Silo:Dashboard: expected true or false, got 'maybe'")]
    [InlineData("--Silo:Kubernetes", "true", "Silo:TrustedNetwork: expected true")]
    [InlineData("--Silo:Nmae", "x", "Silo:Nmae: unknown key; did you mean Name?")]
    [InlineData("--Sillo:Name", "x", "Sillo: unknown key; did you mean Silo?")]
    [InlineData("--Workers:Threads", "0", "Workers:Threads: expected 1 to 1024, got 0")]
    [InlineData("--Workers:MemoryLimitBytes", "1", "Workers:MemoryLimitBytes: expected at least")]
    [InlineData(
        "--Workers:PingTimeoutSeconds",
        "2",
        "Workers:PingTimeoutSeconds: expected at least three times"
    )]
    [InlineData(
        "--Workers:StopTimeoutSeconds",
        "NaN",
        "Workers:StopTimeoutSeconds: expected seconds"
    )]
    [InlineData(
        "--Membership:ProbeTimeoutSeconds",
        "0",
        "Membership:ProbeTimeoutSeconds: expected 0.2 to 60, got 0"
    )]
    [InlineData(
        "--Membership:VotesForDeath",
        "9",
        "Membership:VotesForDeath: expected 1 to ProbedSilos (5), got 9"
    )]
    [InlineData(
        "--Telemetry:OtlpEndpoint",
        "collector",
        "Telemetry:OtlpEndpoint: expected http://HOST:PORT"
    )]
    [InlineData(
        "--Telemetry:LogFormat",
        "xml",
        "Telemetry:LogFormat: expected auto, json or text, got 'xml'"
    )]
    [InlineData(
        "--Storage:Database:Provider",
        "Oracle",
        "Storage:Database:Provider: expected Sqlite or PostgreSql, got 'Oracle'"
    )]
    [InlineData(
        "--Storage:Artifacts:S3:Buckt",
        "x",
        "Storage:Artifacts:S3:Buckt: unknown key; did you mean Bucket?"
    )]
    [InlineData(
        "--OrleansMl:TrainingPool:QueueLimits",
        "5",
        "OrleansMl:TrainingPool:QueueLimits: unknown key"
    )]
    public void Wrong_values_are_refused_naming_the_key(string key, string value, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load([key, value]));

        Assert.Contains(error.Errors, line => line.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void All_errors_come_at_once()
    {
        var error = Assert.Throws<ConfigurationException>(() =>
            Load(["--Silo:SiloPort", "x", "--Workers:Threads", "0", "--Telemetry:TraceRatio", "2"])
        );

        Assert.Equal(3, error.Errors.Count);
    }

    [Theory]
    [InlineData("--config", "--config: expected a value after it")]
    [InlineData("--port 80", "--port: unknown argument")]
    [InlineData("silo.json x", "silo.json: unknown argument")]
    [InlineData("--config missing.json", "--config: expected a JSON file, found no 'missing.json'")]
    public void Wrong_command_lines_are_refused(string args, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(args.Split(' ')));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_file_that_is_no_json_is_refused_naming_it()
    {
        var file = Write("{ \"Silo\": ");

        var error = Assert.Throws<ConfigurationException>(() => Load(["--config", file]));

        Assert.Contains(file, error.Message);
    }

    [Fact]
    public void A_data_folder_belongs_to_one_process_and_its_incarnations_grow()
    {
        using (var data = DataDirectory.Lock(_directory))
        {
            var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
            var first = data.NextIncarnation(time);
            time.SetUtcNow(time.GetUtcNow());
            Assert.True(data.NextIncarnation(time) > first);
            var refused = Assert.Throws<ConfigurationException>(() =>
                DataDirectory.Lock(_directory)
            );
            Assert.Contains("Silo:DataDirectory", refused.Message);
        }
        DataDirectory.Lock(_directory).Dispose();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static SiloConfiguration Load(
        IReadOnlyList<string> args,
        params (string Key, string? Value)[] environment
    ) =>
        SiloConfiguration.Load(
            SiloCommandLine.Parse(args),
            environment.ToDictionary(entry => entry.Key, entry => entry.Value)
        );

    private string Write(string json)
    {
        var path = Path.Combine(_directory, "silo.json");
        File.WriteAllText(path, json);
        return path;
    }
}
