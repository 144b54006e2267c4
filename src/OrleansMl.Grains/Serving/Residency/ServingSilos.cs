using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Messaging;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Models;
using OrleansMl.Contracts.Serving;
using OrleansMl.Core.Operations;
using OrleansMl.Core.Serving.Residency;
using OrleansMl.Grains.Operations;

namespace OrleansMl.Grains.Serving.Residency;

/// <summary>The silos that serve, by membership, and what they said they have. They are asked at most once a second, behind the calls that use it.</summary>
internal sealed partial class ServingSilos(
    IClusterMembershipService membership,
    ISiloMetadataCache metadata,
    ServingSiloClient client,
    IOptions<PredictorOptions> options,
    TimeProvider time,
    ILogger<ServingSilos> logger
) : IServingSilos
{
    private static readonly TimeSpan ReportAge = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private IReadOnlyList<ServingSilo> _silos = [];
    private object? _seen;
    private bool _whole;
    private long _askedAt;
    private Task _asking = Task.CompletedTask;

    public IReadOnlyList<string> Names =>
        [.. Up().Select(silo => silo.Name).Order(StringComparer.Ordinal)];

    /// <summary>Those that are up.</summary>
    public IReadOnlyList<ServingSilo> Up()
    {
        var snapshot = membership.CurrentSnapshot;
        lock (_gate)
        {
            if (ReferenceEquals(_seen, snapshot) && _whole)
                return _silos;
            // A silo's metadata comes a moment after its membership.
            _whole = true;
            List<ServingSilo> up = [];
            foreach (var member in snapshot.Members.Values)
            {
                if (member.Status != SiloStatus.Active)
                    continue;
                var values = metadata.GetSiloMetadata(member.SiloAddress).Metadata;
                _whole &= values.Count > 0;
                if (
                    SiloTags.Contain(
                        values.GetValueOrDefault(SiloMetadataKeys.Roles),
                        SiloRoles.Serve
                    )
                )
                    up.Add(
                        _silos.FirstOrDefault(known => known.Address.Equals(member.SiloAddress))
                            ?? new ServingSilo(
                                member.SiloAddress,
                                values.GetValueOrDefault(SiloMetadataKeys.Name)
                                    ?? member.SiloAddress.ToString()
                            )
                    );
            }
            _seen = snapshot;
            return _silos = up;
        }
    }

    /// <summary>The silo for a call.</summary>
    /// <param name="version">What is called.</param>
    /// <param name="but">One that just failed; null: none.</param>
    /// <exception cref="UnavailableException">No silo serves.</exception>
    public ServingSilo Choose(ModelVersionId version, ServingSilo? but)
    {
        List<ServingSilo> up = [.. Up().Where(silo => silo != but)];
        if (up.Count == 0)
            throw new UnavailableException(
                but is null
                    ? $"No silo of the cluster has the role '{SiloRoles.Serve}', which {version} needs; start one and ask again."
                    : $"Silo {but.Name} went down with the call of {version}, and no other serves; ask again."
            );
        AskAll(up);
        return up[
            ReplicaChoice.Choose(
                version,
                [
                    .. up.Select(silo => new ReplicaCandidate(
                        silo.Name,
                        silo.HasWarm(version),
                        silo.Busy
                    )),
                ],
                options.Value.CallsPerReplica
            )
        ];
    }

    public IServingSiloService At(ServingSilo silo) => client.At(silo.Address);

    public Task<InferenceResponse> PredictAsync(
        string silo,
        ModelVersionId version,
        InferenceRequest request,
        CancellationToken cancellationToken
    ) => NamedAsync(silo, service => service.PredictAsync(version, request, cancellationToken));

    public Task<ModelResidence> LoadAsync(
        string silo,
        ModelVersionId version,
        CancellationToken cancellationToken
    ) => NamedAsync(silo, service => service.LoadAsync(version, cancellationToken));

    private async Task<T> NamedAsync<T>(string name, Func<IServingSiloService, Task<T>> call)
    {
        var silo =
            Up().FirstOrDefault(silo => silo.Name == name)
            ?? throw new SiloUnreachableException("it is not up, or does not serve.");
        try
        {
            return await call(At(silo));
        }
        catch (Exception error)
            when (error
                    is OrleansMessageRejectionException
                        or ConnectionFailedException
                        or TimeoutException
            )
        {
            throw new SiloUnreachableException(error.Message, error);
        }
    }

    private void AskAll(List<ServingSilo> up)
    {
        lock (_gate)
        {
            if (!_asking.IsCompleted || time.GetElapsedTime(_askedAt) < ReportAge && _askedAt != 0)
                return;
            _askedAt = time.GetTimestamp();
            _asking = Task.Run(() => Task.WhenAll(up.Select(AskAsync)));
        }
    }

    private async Task AskAsync(ServingSilo silo)
    {
        try
        {
            silo.Reported(await At(silo).ReportAsync(silo.Revision, CancellationToken.None));
        }
        catch (Exception error)
        {
            LogSilent(logger, error, silo.Name);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Serving silo {Silo} did not say what it has; what it said before holds."
    )]
    private static partial void LogSilent(ILogger logger, Exception error, string silo);
}
