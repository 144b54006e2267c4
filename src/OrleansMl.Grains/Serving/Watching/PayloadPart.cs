using OrleansMl.Contracts.Serving.Watching;
using OrleansMl.Core.Serving.Watching;

namespace OrleansMl.Grains.Serving.Watching;

/// <summary>Rows of one model that become one shard.</summary>
internal sealed record PayloadPart(
    string Model,
    PayloadPolicy Policy,
    PayloadTable Table,
    DateTimeOffset Began
)
{
    public string Dataset => Policy.Dataset ?? $"{Model}-payloads";
}
