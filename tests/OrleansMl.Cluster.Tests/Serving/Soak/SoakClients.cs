using OrleansMl.Client;
using OrleansMl.Client.Endpoints;
using OrleansMl.Client.Serving;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>The apps of the soak: half of them send JSON, half binary tensors. Each begins at one silo and follows the cluster by itself.</summary>
internal sealed class SoakClients : IDisposable
{
    private const int Apps = 8;
    private readonly SoakClient[] _clients;

    /// <param name="endpoints">The silos at the start.</param>
    /// <param name="tally">Counts the clients' retries.</param>
    public SoakClients(IReadOnlyList<Uri> endpoints, SoakTally tally)
    {
        _clients =
        [
            .. Enumerable
                .Range(0, Apps)
                .Select(i => i % 2 == 0 ? TensorFormat.Json : TensorFormat.Binary)
                .Select(format => new SoakClient(
                    format,
                    known => new OrleansMlClient(
                        new OrleansMlClientOptions
                        {
                            Endpoints = known,
                            Discovery = EndpointDiscovery.Cluster,
                            TensorFormat = format,
                            OnRetry = notice => tally.Retried(notice.Reason),
                        }
                    )
                )),
        ];
        for (var i = 0; i < _clients.Length; i++)
            Start(i, endpoints, i / 2);
    }

    /// <summary>One of the clients.</summary>
    public SoakClient At(int number) => _clients[number % _clients.Length];

    /// <summary>Starts one of the apps anew, with the silos that there are, of which it asks one first.</summary>
    public void Start(int number, IReadOnlyList<Uri> endpoints, int first)
    {
        first %= endpoints.Count;
        At(number).Start([.. endpoints.Skip(first), .. endpoints.Take(first)]);
    }

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
    }
}
