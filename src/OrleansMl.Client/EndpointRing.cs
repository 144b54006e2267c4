namespace OrleansMl.Client;

/// <summary>The endpoints of a cluster and which of them is asked. Safe for threads.</summary>
internal sealed class EndpointRing
{
    private readonly Uri[] _endpoints;
    private int _current;

    public EndpointRing(IReadOnlyList<Uri> endpoints) =>
        // A relative path is appended only to a base that ends in a slash; else it would replace the base's last segment.
        _endpoints = [
            .. endpoints.Select(e =>
                e.AbsoluteUri.EndsWith('/') ? e : new Uri(e.AbsoluteUri + "/")
            ),
        ];

    public int Count => _endpoints.Length;

    public Uri Current => _endpoints[Volatile.Read(ref _current)];

    /// <summary>Turns to the next endpoint, unless another caller already turned away from this one.</summary>
    public void TurnFrom(Uri endpoint)
    {
        var at = Array.IndexOf(_endpoints, endpoint);
        if (at >= 0)
            Interlocked.CompareExchange(ref _current, (at + 1) % _endpoints.Length, at);
    }
}
