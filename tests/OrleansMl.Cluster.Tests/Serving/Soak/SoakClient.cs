using OrleansMl.Client;
using OrleansMl.Client.Serving;

namespace OrleansMl.Cluster.Tests.Serving.Soak;

/// <summary>An app's client, which starts anew now and then, as apps do. Thread-safe.</summary>
internal sealed class SoakClient(
    TensorFormat format,
    Func<IReadOnlyList<Uri>, OrleansMlClient> make
) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<OrleansMlClient> _retired = [];
    private volatile OrleansMlClient? _current;

    /// <summary>How its tensors travel.</summary>
    public TensorFormat Format => format;

    /// <summary>The client for a call that begins now.</summary>
    public OrleansMlClient Use() =>
        _current ?? throw new InvalidOperationException("The client has not started.");

    /// <summary>Starts it anew; calls under way end on the client before.</summary>
    public void Start(IReadOnlyList<Uri> endpoints)
    {
        lock (_gate)
        {
            if (_current is { } before)
                _retired.Add(before);
            _current = make(endpoints);
        }
    }

    public void Dispose()
    {
        foreach (var client in _retired)
            client.Dispose();
        _current?.Dispose();
    }
}
