using Orleans.Runtime.Services;

namespace OrleansMl.Grains.Serving.Residency;

/// <summary>Reaches the service on a silo.</summary>
internal sealed class ServingSiloClient(IServiceProvider services)
    : GrainServiceClient<IServingSiloService>(services)
{
    public IServingSiloService At(SiloAddress silo) => GetGrainService(silo);
}
