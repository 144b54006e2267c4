using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Runtime.MembershipService.SiloMetadata;
using OrleansMl.Core.Operations;
using OrleansMl.Storage.Operations;

namespace OrleansMl.Silo.Operations;

/// <summary>Sets Orleans up: who this silo is, where membership, state and reminders are, and how soon a dead silo is noticed.</summary>
internal static class SiloClustering
{
    private static readonly TimeSpan OpenConnectionTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Makes the host a silo of the configured cluster.</summary>
    public static void UseCluster(
        this ISiloBuilder silo,
        SiloConfiguration configuration,
        SiloEndpoints endpoints
    )
    {
        var options = configuration.Silo;
        silo.Configure<ClusterOptions>(cluster =>
            (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId)
        );
        silo.Configure<Orleans.Configuration.SiloOptions>(named => named.SiloName = options.Name);
        if (options.Kubernetes)
        {
            // Sets name and address from the pod, and listens on every address of it.
            silo.Configure<EndpointOptions>(ports =>
                (ports.SiloPort, ports.GatewayPort) = (endpoints.SiloPort, endpoints.GatewayPort)
            );
            silo.UseKubernetesHosting();
        }
        else
        {
            silo.Configure<EndpointOptions>(ports =>
            {
                ports.AdvertisedIPAddress = endpoints.Address;
                ports.SiloPort = endpoints.SiloPort;
                ports.GatewayPort = endpoints.GatewayPort;
                ports.SiloListeningEndpoint = new IPEndPoint(endpoints.Address, endpoints.SiloPort);
                if (endpoints.GatewayPort != 0)
                    ports.GatewayListeningEndpoint = new IPEndPoint(
                        endpoints.Address,
                        endpoints.GatewayPort
                    );
            });
        }
        silo.UseSiloMetadata(
            SiloMetadata.Create(options, endpoints.PublicUrl, endpoints.PublicGrpcUrl)
        );
        silo.UseDatabase();
        silo.UseFailureDetection(configuration.Membership);
        silo.AddActivityPropagation();
        if (options.Dashboard)
            silo.AddDashboard();
    }

    private static void UseDatabase(this ISiloBuilder silo)
    {
        silo.UseAdoNetClustering(builder =>
            builder.Configure<IOrleansDatabase>(
                (options, database) =>
                    (options.Invariant, options.DataSource) = (
                        database.Invariant,
                        database.DataSource
                    )
            )
        );
        silo.AddAdoNetGrainStorage(
            GrainStorageNames.Default,
            builder =>
                builder.Configure<IOrleansDatabase, ContractsGrainStorageSerializer>(
                    (options, database, serializer) =>
                    {
                        (options.Invariant, options.DataSource, options.GrainStorageSerializer) = (
                            database.Invariant,
                            database.DataSource,
                            serializer
                        );
                        // Sequences and jobs come and go: an empty row for each that ever was would fill the table.
                        options.DeleteStateOnClear = true;
                    }
                )
        );
        silo.UseAdoNetReminderService(builder =>
            builder.Configure<IOrleansDatabase>(
                (options, database) =>
                    (options.Invariant, options.DataSource) = (
                        database.Invariant,
                        database.DataSource
                    )
            )
        );
    }

    private static void UseFailureDetection(this ISiloBuilder silo, MembershipOptions membership)
    {
        var probe = TimeSpan.FromSeconds(membership.ProbeTimeoutSeconds);
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = probe;
            // Not below the configured time: Orleans would shorten it to the fastest answers, which a busy trainer misses.
            options.MinProbeTimeout = probe;
            // Its product with the missed probes is how long a stopped process's open connection still counts as life.
            options.MaxProbeTimeout = probe * 2;
            options.NumMissedProbesLimit = membership.MissedProbes;
            options.NumVotesForDeathDeclaration = membership.VotesForDeath;
            options.NumProbedSilos = membership.ProbedSilos;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(membership.TableRefreshSeconds);
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(membership.AliveMarkSeconds);
            options.NumMissedTableIAmAliveLimit = 3;
        });
        silo.Configure<SiloMessagingOptions>(options =>
            options.ResponseTimeout = TimeSpan.FromSeconds(membership.ResponseTimeoutSeconds)
        );
        silo.Configure<ConnectionOptions>(options =>
            options.OpenConnectionTimeout = OpenConnectionTimeout
        );
    }
}
