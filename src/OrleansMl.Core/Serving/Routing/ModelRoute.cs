namespace OrleansMl.Core.Serving.Routing;

/// <summary>What is known of one model: an immutable snapshot, swapped whole, and the fetch of the next one.</summary>
internal sealed class ModelRoute
{
    private volatile RouteSnapshot? _current;
    private volatile bool _isWarming;

    public RouteSnapshot? Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>Whether a newer snapshot is known and waits for its versions to be loaded: until then the current one serves, whatever its age.</summary>
    public bool IsWarming
    {
        get => _isWarming;
        set => _isWarming = value;
    }

    /// <summary>Read and written under a lock on this.</summary>
    public Task<RouteSnapshot>? Refreshing { get; set; }
}
