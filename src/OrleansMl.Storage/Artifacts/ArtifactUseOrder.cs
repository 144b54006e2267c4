using OrleansMl.Contracts.Artifacts;

namespace OrleansMl.Storage.Artifacts;

/// <summary>Which artifacts a cache holds, in the order of their last use. Thread-safe.</summary>
internal sealed class ArtifactUseOrder
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(ArtifactId Id, long Bytes)> _order = new();
    private readonly Dictionary<ArtifactId, LinkedListNode<(ArtifactId Id, long Bytes)>> _nodes =
    [];
    private long _total;

    public long TotalBytes
    {
        get
        {
            lock (_lock)
                return _total;
        }
    }

    public bool Contains(ArtifactId id)
    {
        lock (_lock)
            return _nodes.ContainsKey(id);
    }

    /// <summary>Adds an artifact, or uses it.</summary>
    public void Add(ArtifactId id, long bytes)
    {
        lock (_lock)
        {
            if (_nodes.ContainsKey(id))
            {
                UseLocked(id);
                return;
            }
            _nodes.Add(id, _order.AddLast((id, bytes)));
            _total += bytes;
        }
    }

    /// <summary>Makes an artifact the last used.</summary>
    public void Use(ArtifactId id)
    {
        lock (_lock)
            UseLocked(id);
    }

    public void Remove(ArtifactId id)
    {
        lock (_lock)
        {
            if (!_nodes.Remove(id, out var node))
                return;
            _order.Remove(node);
            _total -= node.Value.Bytes;
        }
    }

    /// <summary>A copy of what is there, longest unused first.</summary>
    public IReadOnlyList<(ArtifactId Id, long Bytes)> Oldest()
    {
        lock (_lock)
            return [.. _order];
    }

    private void UseLocked(ArtifactId id)
    {
        if (!_nodes.TryGetValue(id, out var node))
            return;
        _order.Remove(node);
        _order.AddLast(node);
    }
}
