using OrleansMl.Client;
using OrleansMl.Client.Serving;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>The apps of the soak: half of them send JSON, half binary tensors. Each begins at another silo.</summary>
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
                            TensorFormat = format,
                            OnRetry = notice => tally.Retried(notice.Reason),
                        }
                    )
                )),
        ];
        Changed(endpoints);
    }

    /// <summary>One of the clients.</summary>
    public SoakClient At(int number) => _clients[number % _clients.Length];

    /// <summary>Tells all of the silos that there are now.</summary>
    public void Changed(IReadOnlyList<Uri> endpoints)
    {
        for (var i = 0; i < _clients.Length; i++)
        {
            var first = i / 2 % endpoints.Count;
            _clients[i].Start([.. endpoints.Skip(first), .. endpoints.Take(first)]);
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
    }
}
