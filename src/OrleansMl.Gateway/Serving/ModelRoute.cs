using OrleansMl.Contracts.Models;

namespace OrleansMl.Gateway.Serving;

/// <summary>What is known of one model: an immutable snapshot, swapped whole, and the fetch of the next one.</summary>
internal sealed class ModelRoute
{
    private volatile ModelRouteSnapshot? _current;

    public ModelRouteSnapshot? Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>Read and written under a lock on this.</summary>
    public Task<ModelSnapshot>? Refreshing { get; set; }
}
