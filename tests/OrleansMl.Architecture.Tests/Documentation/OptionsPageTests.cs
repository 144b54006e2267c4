using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansMl.Data;
using OrleansMl.Engines.Onnx.Serving;
using OrleansMl.Gateway;
using OrleansMl.Gateway.Trust;
using OrleansMl.Grains.Datasets;
using OrleansMl.Grains.Models;
using OrleansMl.Grains.Serving;
using OrleansMl.Grains.Training;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Architecture.Tests.Documentation;

/// <summary>Options are documented, and what is documented is bound.</summary>
public sealed class OptionsPageTests
{
    private static readonly string[] SiloAssemblies =
    [
        "OrleansMl.Silo",
        "OrleansMl.Storage",
        "OrleansMl.Gateway",
        "OrleansMl.Console",
        "OrleansMl.Data",
        "OrleansMl.Grains",
        "OrleansMl.Engines.Onnx",
        "OrleansMl.Core",
        "OrleansMl.Bridges",
    ];

    private static IEnumerable<(string Section, Func<object> Create)> Sections =>
        ConfigurationSections.Held.Concat(ConfigurationSections.Others);

    [Fact]
    public void The_options_page_is_what_the_code_says() =>
        CommittedPage.AssertIs(OptionsPage.Write(), "docs", "options.md");

    [Fact]
    public void Every_option_has_a_meaning() =>
        Assert.All(
            Sections.SelectMany(section => OptionsPage.Keys(section.Section, section.Create())),
            key => Assert.True(key.Meaning.Length > 0, $"{key.Path} has no doc comment.")
        );

    [Fact]
    public void Every_options_class_of_a_silo_stands_in_a_section()
    {
        var bound = Sections
            .SelectMany(section => WithNested(section.Create().GetType()))
            .ToHashSet();
        var classes = SiloAssemblies
            .SelectMany(name => House.Load(name).GetTypes())
            .Where(type =>
                type is { IsClass: true, IsAbstract: false }
                && OptionsPage.IsNested(type)
                && OptionsPage.Settable(type).Any()
            )
            .ToList();
        Assert.True(classes.Count >= bound.Count, "Some options classes were not looked at.");
        Assert.Empty(classes.Where(type => !bound.Contains(type)).Select(type => type.FullName));
    }

    [Fact]
    public void A_key_of_every_section_reaches_the_options_that_the_silo_uses()
    {
        var folder = Directory.CreateTempSubdirectory("oml-options-");
        try
        {
            string[] args =
            [
                "--data",
                folder.FullName,
                "--url",
                "http://127.0.0.1:0",
                "--Data:MaxFiles",
                "77",
                "--Onnx:TimedCalls",
                "7",
                "--Gateway:MaxInstances",
                "78",
                "--Security:ApiKeys",
                "ci:" + new string('a', 64),
                "--OrleansMl:Datasets:VersionLimit",
                "79",
                "--OrleansMl:Models:AliasLimit",
                "63",
                "--OrleansMl:TrainingRuns:WatcherLimit",
                "80",
                "--OrleansMl:TrainingPool:LeaseExpiry",
                "00:00:11",
                "--OrleansMl:Predictor:SessionLimit",
                "81",
                "--Membership:MissedProbes",
                "4",
                "--Telemetry:TraceRatio",
                "0.5",
                "--Workers:Threads",
                "2",
                "--Storage:Artifacts:Collector:GraceHours",
                "25",
            ];
            var configuration = SiloConfiguration.Load(
                SiloCommandLine.Parse(args),
                new Dictionary<string, string?>()
            );
            using var data = DataDirectory.Lock(folder.FullName);
            using var app = (IDisposable)
                SiloHost.Build(
                    configuration,
                    data,
                    SiloEndpoints.Resolve(configuration.Silo),
                    new SiloIdentity("silo-1", 1, configuration.Silo.Labels)
                );
            var services = ((Microsoft.Extensions.Hosting.IHost)app).Services;
            T Used<T>()
                where T : class => services.GetRequiredService<IOptions<T>>().Value;

            Assert.Equal(77, Used<DataOptions>().MaxFiles);
            Assert.Equal(7, Used<OnnxEngineOptions>().TimedCalls);
            Assert.Equal(78, Used<GatewayOptions>().MaxInstances);
            Assert.Single(Used<SecurityOptions>().ApiKeys);
            Assert.Equal(79, Used<DatasetOptions>().VersionLimit);
            Assert.Equal(63, Used<ModelOptions>().AliasLimit);
            Assert.Equal(80, Used<TrainingRunOptions>().WatcherLimit);
            Assert.Equal(TimeSpan.FromSeconds(11), Used<TrainingPoolOptions>().LeaseExpiry);
            Assert.Equal(81, Used<PredictorOptions>().SessionLimit);
            Assert.Equal(4, configuration.Membership.MissedProbes);
            Assert.Equal(0.5, configuration.Telemetry.TraceRatio);
            Assert.Equal(2, configuration.Workers.Threads);
            Assert.Equal(25, configuration.Storage.Artifacts.Collector.GraceHours);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(
        "--OrleansMl:Predictr:SessionLimit",
        "OrleansMl:Predictr: unknown key; did you mean Predictor?"
    )]
    [InlineData("--Storag:Database:Provider", "Storag: unknown key; did you mean Storage?")]
    [InlineData("--Data:MaxFile", "Data:MaxFile: unknown key; did you mean MaxFiles?")]
    public void A_section_or_key_that_nobody_reads_is_refused(string argument, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() =>
            SiloConfiguration.Load(
                SiloCommandLine.Parse([argument, "1"]),
                new Dictionary<string, string?>()
            )
        );
        Assert.Contains(expected, error.Errors);
    }

    private static IEnumerable<Type> WithNested(Type type) =>
        OptionsPage
            .Settable(type)
            .Select(property =>
                OptionsPage.NamedOptions(property.PropertyType) ?? property.PropertyType
            )
            .Where(OptionsPage.IsNested)
            .SelectMany(WithNested)
            .Prepend(type);
}
