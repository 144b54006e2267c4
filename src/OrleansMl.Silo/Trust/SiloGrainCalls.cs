using System.Net;
using OrleansMl.Core.Trust;
using OrleansMl.Grains;
using OrleansMl.Silo.Operations;

namespace OrleansMl.Silo.Trust;

/// <summary>Whether this silo checks the grain calls that reach it.</summary>
internal static class SiloGrainCalls
{
    /// <summary>Adds the cluster's keys and the check.</summary>
    public static void UseGrainCallGuard(this ISiloBuilder silo, SiloConfiguration configuration)
    {
        var options = new ClusterTokenOptions();
        configuration.Fill(ClusterTokenOptions.Section, options);
        silo.Services.AddOptions<ClusterTokenOptions>()
            .Configure(bound => configuration.Fill(ClusterTokenOptions.Section, bound));
        silo.Services.AddGrainCallGuard(Decide(options.GrainCalls, configuration));
    }

    /// <summary>What <see cref="GrainCallCheck.Auto"/> means for this silo: no check on one developer's machine, where nothing else asks for credentials either.</summary>
    public static GrainCallCheck Decide(GrainCallCheck asked, SiloConfiguration configuration)
    {
        if (asked != GrainCallCheck.Auto)
            return asked;
        var security = configuration.Security;
        var isLoopback =
            !configuration.Silo.Kubernetes
            && IPAddress.TryParse(configuration.Silo.AdvertisedAddress, out var address)
            && IPAddress.IsLoopback(address);
        return isLoopback && !security.IsConfigured() && !security.ClusterTls.IsConfigured()
            ? GrainCallCheck.Off
            : GrainCallCheck.Check;
    }
}
