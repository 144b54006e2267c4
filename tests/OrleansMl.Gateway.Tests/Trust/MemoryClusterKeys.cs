using System.Security.Cryptography;
using OrleansMl.Core.Trust;

namespace OrleansMl.Gateway.Tests.Trust;

/// <summary>The cluster's keys of a test.</summary>
public sealed class MemoryClusterKeys(TimeProvider time) : IClusterKeys
{
    private readonly Lock _gate = new();
    private readonly List<ClusterKey> _keys = [];

    public Task<IReadOnlyList<ClusterKey>> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_keys.Count == 0)
                Add();
            return Task.FromResult<IReadOnlyList<ClusterKey>>([.. _keys]);
        }
    }

    public Task<string?> AddAsync(string newest, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(_keys[0].Id == newest ? Add() : null);
    }

    public Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        lock (_gate)
            _keys.RemoveAll(key => key.Id == id);
        return Task.CompletedTask;
    }

    private string Add()
    {
        var id = $"k{_keys.Count + 1}";
        _keys.Insert(0, new ClusterKey(id, RandomNumberGenerator.GetBytes(32), time.GetUtcNow()));
        return id;
    }
}
