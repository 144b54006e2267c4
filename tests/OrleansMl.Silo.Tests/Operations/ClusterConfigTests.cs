using System.Runtime.CompilerServices;
using OrleansMl.Contracts.Trust.Tls;
using OrleansMl.Core.Trust;
using OrleansMl.Silo.Operations;
using OrleansMl.Silo.Trust;
using YamlDotNet.RepresentationModel;

namespace OrleansMl.Silo.Tests.Operations;

/// <summary>Every file of cluster-config is read as its reader reads it.</summary>
public sealed class ClusterConfigTests
{
    private static readonly string Folder = Path.Combine(FindRoot(), "cluster-config");

    [Fact]
    public void Every_file_is_covered()
    {
        var files = Directory
            .EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Folder, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "kubernetes/configmap.yaml",
                "kubernetes/horizontalpodautoscaler.yaml",
                "kubernetes/mutual-tls.yaml",
                "kubernetes/networkpolicy.yaml",
                "kubernetes/poddisruptionbudget.yaml",
                "kubernetes/rbac.yaml",
                "kubernetes/service.yaml",
                "kubernetes/statefulset.yaml",
                "local.json",
                "mutual-tls/silo-1.json",
                "mutual-tls/silo-2.json",
                "prometheus.yml",
                "three-silos/silo-1.json",
                "three-silos/silo-2.json",
                "three-silos/silo-3.json",
            ],
            files
        );
    }

    [Fact]
    public void The_local_file_says_what_the_defaults_are()
    {
        var read = Load(["--config", Path.Combine(Folder, "local.json")]);
        var defaults = Load([]);

        Assert.Equivalent(defaults.Silo, read.Silo, strict: true);
        Assert.Equivalent(defaults.Storage, read.Storage, strict: true);
    }

    [Fact]
    public void Three_silos_share_one_cluster_and_database_and_nothing_else()
    {
        var silos = Enumerable
            .Range(1, 3)
            .Select(i => Load(["--config", Path.Combine(Folder, "three-silos", $"silo-{i}.json")]))
            .ToList();

        Assert.Single(silos.Select(silo => silo.Silo.ClusterId).Distinct());
        Assert.Single(silos.Select(silo => silo.Storage.Database.ConnectionString).Distinct());
        foreach (
            var distinct in new Func<SiloConfiguration, object>[]
            {
                silo => silo.Silo.Name,
                silo => silo.Silo.Url,
                silo => silo.Silo.GrpcUrl!,
                silo => silo.Silo.SiloPort,
                silo => silo.Silo.DataDirectory,
            }
        )
            Assert.Equal(3, silos.Select(distinct).Distinct().Count());
    }

    [Fact]
    public void Silos_with_mutual_tls_need_no_trusted_network_and_check_every_call()
    {
        foreach (var number in new[] { 1, 2 })
        {
            var silo = Load([
                "--config",
                Path.Combine(Folder, "mutual-tls", $"silo-{number}.json"),
            ]);
            var (issuer, options) = Assert.Single(silo.Security.Jwt.Issuers);

            Assert.False(silo.Silo.TrustedNetwork);
            Assert.Equal($"10.0.0.{number}", silo.Silo.AdvertisedAddress);
            Assert.EndsWith($"silo-{number}.crt", silo.Security.ClusterTls.Certificate);
            Assert.Equal(("corp", "operator"), (issuer, options.Roles["ml-ops"]));
            Assert.Equal(["orleansml"], options.Audiences);
            Assert.Equal(GrainCallCheck.Check, SiloGrainCalls.Decide(GrainCallCheck.Auto, silo));
        }
    }

    [Fact]
    public void The_pods_certificates_have_their_roles_and_uses()
    {
        var certificates = Documents("kubernetes/mutual-tls.yaml")
            .Where(document => Text(document, "kind") == "Certificate")
            .ToDictionary(document => Text(Child(document, "metadata"), "name"));

        foreach (var role in new[] { CertificateRoles.Silo, CertificateRoles.Client })
        {
            var spec = Child(certificates[$"orleansml-{role}"], "spec");
            Assert.Equal([role], Strings(Child(spec, "subject"), "organizationalUnits"));
            var uses = Strings(spec, "usages").ToList();
            Assert.Contains("client auth", uses);
            Assert.Equal(role == CertificateRoles.Silo, uses.Contains("server auth"));
        }
        var file = Path.Combine(Path.GetTempPath(), $"oml-{Guid.NewGuid():N}.json");
        var map = Documents("kubernetes/mutual-tls.yaml").Last();
        File.WriteAllText(file, Text(Child(map, "data"), "security.json"));
        Assert.True(Load(["--config", file]).Security.ClusterTls.IsConfigured());
        File.Delete(file);
    }

    [Fact]
    public void Prometheus_scrapes_the_three_silos()
    {
        var targets = Strings(
            Documents("prometheus.yml").Single(),
            "scrape_configs",
            "static_configs",
            "targets"
        );
        var urls = Enumerable
            .Range(1, 3)
            .Select(i =>
                Load(["--config", Path.Combine(Folder, "three-silos", $"silo-{i}.json")]).Silo.Url
            );

        Assert.Equal(urls, targets.Select(target => $"http://{target}"));
    }

    [Fact]
    public void The_kubernetes_configuration_is_valid_with_what_the_pod_adds()
    {
        var configuration = LoadPod();

        Assert.True(configuration.Silo.Kubernetes);
        Assert.Equal("orleansml-0", configuration.Silo.Name);
        Assert.Equal("10.0.0.7", configuration.Silo.AdvertisedAddress);
    }

    [Fact]
    public void The_pods_ports_labels_and_patience_fit_the_silos_configuration()
    {
        var configuration = LoadPod();
        var pod = Spec();
        var container = Child(pod, "template", "spec", "containers");

        Assert.Equal(
            new[]
            {
                new Uri(
                    configuration.Silo.Url.Replace("+", "0.0.0.0", StringComparison.Ordinal)
                ).Port,
                new Uri(
                    configuration.Silo.GrpcUrl!.Replace("+", "0.0.0.0", StringComparison.Ordinal)
                ).Port,
                configuration.Silo.SiloPort,
                configuration.Silo.GatewayPort!.Value,
            }.Select(port => port.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            Strings(container, "ports", "containerPort")
        );
        var labels = (YamlMappingNode)Child(pod, "template", "metadata", "labels");
        Assert.Equal(configuration.Silo.ClusterId, Text(labels, "orleans/clusterId"));
        Assert.Equal(configuration.Silo.ServiceId, Text(labels, "orleans/serviceId"));
        Assert.True(
            double.Parse(Text(Child(pod, "template", "spec"), "terminationGracePeriodSeconds"))
                > configuration.Workers.HandOverTimeoutSeconds + 45
        );
        foreach (var probe in new[] { "startupProbe", "readinessProbe", "livenessProbe" })
            Assert.StartsWith(
                "/health/",
                Text(Child(FirstOf(container), probe, "httpGet"), "path")
            );
    }

    [Fact]
    public void Every_kubernetes_object_selects_the_silos_pods()
    {
        var name = Text(Child(Spec(), "template", "metadata", "labels"), "app.kubernetes.io/name");
        string[] files =
        [
            "kubernetes/service.yaml",
            "kubernetes/poddisruptionbudget.yaml",
            "kubernetes/networkpolicy.yaml",
            "kubernetes/statefulset.yaml",
        ];
        foreach (var document in files.SelectMany(Documents))
        {
            var spec = (YamlMappingNode)Child(document, "spec");
            var selector = (YamlMappingNode)(
                spec.Children.TryGetValue("podSelector", out var pods)
                    ? pods
                    : Child(spec, "selector")
            );
            if (selector.Children.TryGetValue("matchLabels", out var labels))
                selector = (YamlMappingNode)labels;
            Assert.Equal(name, Text(selector, "app.kubernetes.io/name"));
        }
        var account = Text(Child(Spec(), "template", "spec"), "serviceAccountName");
        Assert.Equal(
            [account, account, account],
            Documents("kubernetes/rbac.yaml")
                .Select(document => Text(Child(document, "metadata"), "name"))
        );
    }

    [Fact]
    public void The_autoscaler_scales_the_silos_by_what_they_export_and_never_below_a_quorum()
    {
        var document = Documents("kubernetes/horizontalpodautoscaler.yaml").Single();
        var set = Documents("kubernetes/statefulset.yaml").Single();
        var target = Child(document, "spec", "scaleTargetRef");

        Assert.Equal(Text(set, "kind"), Text(target, "kind"));
        Assert.Equal(Text(set, "apiVersion"), Text(target, "apiVersion"));
        Assert.Equal(Text(Child(set, "metadata"), "name"), Text(target, "name"));
        Assert.Equal(Text(Spec(), "replicas"), Text(Child(document, "spec"), "minReplicas"));
        // As the Prometheus exporter writes oml.serving.threads.utilization, which the grains' tests look for.
        Assert.Equal(
            "oml_serving_threads_utilization",
            Text(Child(document, "spec", "metrics", "pods", "metric"), "name")
        );
    }

    private static SiloConfiguration LoadPod()
    {
        var json = Text(
            Child(Documents("kubernetes/configmap.yaml").Single(), "data"),
            "silo.json"
        );
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, json);
            var environment = (
                (YamlSequenceNode)Child(
                    FirstOf(Child(Spec(), "template", "spec", "containers")),
                    "env"
                )
            )
                .Select(entry => Text(entry, "name"))
                .ToDictionary(name => name, name => (string?)PodValue(name));
            return SiloConfiguration.Load(SiloCommandLine.Parse(["--config", file]), environment);
        }
        finally
        {
            File.Delete(file);
        }
    }

    // What the pod's fields and the secret would give.
    private static string PodValue(string name) =>
        name switch
        {
            "POD_NAME" => "orleansml-0",
            "OML_Silo__AdvertisedAddress" or "POD_IP" => "10.0.0.7",
            "OML_Storage__Database__ConnectionString" => "Host=postgres;Database=oml;Username=oml",
            "OML_Security__ApiKeys" => new string('a', 64),
            "POD_NAMESPACE" or "ORLEANS_SERVICE_ID" or "ORLEANS_CLUSTER_ID" => "orleansml",
            _ => throw new InvalidOperationException(
                $"The StatefulSet sets '{name}', which nothing reads."
            ),
        };

    private static YamlNode Spec() =>
        Child(Documents("kubernetes/statefulset.yaml").Single(), "spec");

    private static List<YamlNode> Documents(string file)
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(Path.Combine(Folder, file));
        yaml.Load(reader);
        return [.. yaml.Documents.Select(document => document.RootNode)];
    }

    private static YamlNode FirstOf(YamlNode node) =>
        node is YamlSequenceNode sequence ? sequence[0] : node;

    private static YamlNode Child(YamlNode node, params string[] path) =>
        path.Aggregate(node, (current, key) => ((YamlMappingNode)FirstOf(current)).Children[key]);

    private static string Text(YamlNode node, string key) =>
        ((YamlScalarNode)Child(node, key)).Value!;

    private static IEnumerable<string> Strings(YamlNode node, params string[] path)
    {
        IEnumerable<YamlNode> nodes = [node];
        foreach (var key in path)
            nodes = nodes.SelectMany(Items).Select(item => ((YamlMappingNode)item).Children[key]);
        return nodes.SelectMany(Items).Select(item => ((YamlScalarNode)item).Value!);
    }

    private static IEnumerable<YamlNode> Items(YamlNode node) =>
        node is YamlSequenceNode sequence ? sequence : [node];

    private static SiloConfiguration Load(IReadOnlyList<string> args) =>
        SiloConfiguration.Load(SiloCommandLine.Parse(args), new Dictionary<string, string?>());

    private static string FindRoot([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
