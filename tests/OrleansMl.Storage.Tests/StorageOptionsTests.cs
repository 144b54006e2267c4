using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Contracts;
using OrleansMl.Core.Artifacts;
using OrleansMl.Storage.Artifacts;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Storage.Tests;

public sealed class StorageOptionsTests
{
    public static TheoryData<string, Action<StorageOptions>> Mistakes =>
        new()
        {
            { "Storage:Database:ConnectionString", o => o.Database.ConnectionString = " " },
            {
                "Storage:Database:ConnectionString",
                o => o.Database.ConnectionString = "Data Source=:memory:"
            },
            {
                "Storage:Database:ConnectionString",
                o => o.Database.ConnectionString = "Nonsense=1"
            },
            {
                "Storage:Database:ConnectionString",
                o =>
                    (o.Database.Provider, o.Database.ConnectionString) = (
                        DatabaseProvider.PostgreSql,
                        "Database=x"
                    )
            },
            { "Storage:Database:Provider", o => o.Database.Provider = (DatabaseProvider)9 },
            { "Storage:Database:RetrySeconds", o => o.Database.RetrySeconds = -1 },
            { "Storage:Database:OrleansRetrySeconds", o => o.Database.OrleansRetrySeconds = 31 },
            { "Storage:Database:HealthTimeoutSeconds", o => o.Database.HealthTimeoutSeconds = 0 },
            { "Storage:Artifacts:Kind", o => o.Artifacts.Kind = (ArtifactKind)9 },
            { "Storage:Artifacts:Kind", o => o.Artifacts.Kind = ArtifactKind.PostgreSql },
            { "Storage:Artifacts:Path", o => o.Artifacts.Path = "" },
            { "Storage:Artifacts:S3:Bucket", o => o.Artifacts.Kind = ArtifactKind.S3 },
            {
                "Storage:Artifacts:S3:PartMebibytes",
                o => (o.Artifacts.Kind, o.Artifacts.S3.PartMebibytes) = (ArtifactKind.S3, 4)
            },
            {
                "Storage:Artifacts:CacheBytes",
                o => (o.Artifacts.Kind, o.Artifacts.CacheBytes) = (ArtifactKind.S3, 0)
            },
            { "Storage:Artifacts:Peers:Secret", o => o.Artifacts.Peers.Secret = "short" },
            {
                "Storage:Artifacts:Peers:AnswerTimeoutSeconds",
                o => o.Artifacts.Peers.AnswerTimeoutSeconds = 0
            },
            {
                "Storage:Artifacts:Peers:IdleTimeoutSeconds",
                o => o.Artifacts.Peers.IdleTimeoutSeconds = 0
            },
            {
                "Storage:Artifacts:Collector:IntervalMinutes",
                o => o.Artifacts.Collector.IntervalMinutes = 0
            },
            { "Storage:Artifacts:Collector:GraceHours", o => o.Artifacts.Collector.GraceHours = 0 },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_wrong_option_is_refused_naming_its_key(string key, Action<StorageOptions> mistake)
    {
        var options = Valid();
        mistake(options);

        var error = Assert.Throws<InvalidInputException>(() =>
            new ServiceCollection().AddOrleansMlStorage(options)
        );

        Assert.Contains(key + " ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_lack_only_the_connection_string() =>
        Assert.StartsWith(
            "Storage:Database:ConnectionString",
            Assert.Single(new StorageOptions().Validate())
        );

    [Theory]
    [InlineData(ArtifactKind.Local, false, typeof(LocalArtifactStore))]
    [InlineData(ArtifactKind.Local, true, typeof(PeerArtifactStore))]
    [InlineData(ArtifactKind.PostgreSql, false, typeof(CachedArtifactStore))]
    [InlineData(ArtifactKind.S3, false, typeof(CachedArtifactStore))]
    public async Task Each_kind_is_wired_and_its_files_are_local_artifacts(
        ArtifactKind kind,
        bool peers,
        Type expected
    )
    {
        var folder = Directory.CreateTempSubdirectory("oml-options-").FullName;
        var options = Valid();
        options.Artifacts.Kind = kind;
        options.Artifacts.Path = options.Artifacts.CachePath = folder;
        options.Artifacts.S3.Bucket = "bucket";
        options.Artifacts.S3.Endpoint = new Uri("http://127.0.0.1:1/");
        options.Database.ConnectionString = $"Data Source={Path.Combine(folder, "oml.db")}";
        if (kind == ArtifactKind.PostgreSql)
            (options.Database.Provider, options.Database.ConnectionString) = (
                DatabaseProvider.PostgreSql,
                "Host=127.0.0.1;Port=1;Database=x"
            );
        if (peers)
            options.Artifacts.Peers.Secret = "a secret of the cluster";
        var services = new ServiceCollection().AddLogging().AddOrleansMlStorage(options);
        if (peers)
            services.AddSingleton<IArtifactPeers, NoPeers>();

        await using (var provider = services.BuildServiceProvider(validateScopes: true))
        {
            var store = provider.GetRequiredService<IArtifactStore>();
            Assert.IsType(expected, store);
            Assert.Same(store, provider.GetRequiredService<ILocalArtifacts>());
            Assert.NotNull(provider.GetRequiredService<IArtifactCollector>());
            Assert.NotNull(provider.GetRequiredService<IArtifactPeerResponder>());
            Assert.NotNull(provider.GetRequiredService<IOrleansDatabase>());
        }
        Directory.Delete(folder, recursive: true);
    }

    private static StorageOptions Valid()
    {
        var options = new StorageOptions();
        options.Database.ConnectionString = "Data Source=oml.db";
        return options;
    }

    private sealed class NoPeers : IArtifactPeers
    {
        public Task<IReadOnlyList<Uri>> GetAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Uri>>([]);
    }
}
