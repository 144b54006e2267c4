namespace OrleansMl.Core.Serving.Routing;

/// <summary>What is known of one model: an immutable snapshot, swapped whole, and the fetch of the next one.</summary>
internal sealed class ModelRoute
{
    private volatile RouteSnapshot? _current;

    public RouteSnapshot? Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>Read and written under a lock on this.</summary>
    public Task<RouteSnapshot>? Refreshing { get; set; }
}
