using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace OrleansMl.Core.Serving.Limits;

/// <summary>
/// What an address may ask of this silo without a good key: a bucket an address, of IPv6 a network of 64 bits, which one host has for
/// itself. Bounded; thread-safe.
/// </summary>
public sealed class AddressLimits(IOptions<LimitOptions> options, TimeProvider time)
{
    private const double BurstSeconds = 10;
    private readonly double _rate = options.Value.AnonymousRequestsPerSecond;
    private readonly bool _limitLoopback = options.Value.LimitLoopback;
    private readonly int _most = options.Value.MaxAddresses;
    private readonly ConcurrentDictionary<UInt128, TokenBucket> _buckets = new();
    private readonly TokenBucket? _others =
        options.Value.AnonymousRequestsPerSecond > 0
            ? Make(options.Value.AnonymousRequestsPerSecond, time)
            : null;
    private long _sweptAt = time.GetTimestamp();

    /// <summary>Addresses that are remembered.</summary>
    public int Count => _buckets.Count;

    /// <summary>Takes a request.</summary>
    /// <returns>Zero: let it through; else after how long another may be.</returns>
    public TimeSpan Take(IPAddress? address)
    {
        if (
            _others is null
            || address is null
            || (!_limitLoopback && IPAddress.IsLoopback(address))
        )
            return TimeSpan.Zero;
        var now = time.GetTimestamp();
        var wait = BucketOf(KeyOf(address), now).Take(1, now);
        return TimeSpan.FromSeconds(wait / (double)time.TimestampFrequency);
    }

    private TokenBucket BucketOf(UInt128 key, long now)
    {
        if (_buckets.TryGetValue(key, out var bucket))
            return bucket;
        if (_buckets.Count >= _most && !Sweep(now))
            return _others!;
        return _buckets.GetOrAdd(key, _ => Make(_rate, time));
    }

    // Who has a full bucket is as one never seen. At most once a second: a flood of addresses must not buy a scan each.
    private bool Sweep(long now)
    {
        var swept = Volatile.Read(ref _sweptAt);
        if (
            now - swept < time.TimestampFrequency
            || Interlocked.CompareExchange(ref _sweptAt, now, swept) != swept
        )
            return false;
        foreach (var (key, bucket) in _buckets)
        {
            if (bucket.LevelAt(now) >= bucket.Burst)
                _buckets.TryRemove(key, out _);
        }
        return _buckets.Count < _most;
    }

    private static TokenBucket Make(double rate, TimeProvider time)
    {
        var burst = Math.Max(1, rate * BurstSeconds);
        return new TokenBucket(rate, burst, burst, time.GetTimestamp(), time.TimestampFrequency);
    }

    private static UInt128 KeyOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        var isMapped =
            address.IsIPv4MappedToIPv6 || address.AddressFamily == AddressFamily.InterNetwork;
        if (address.AddressFamily == AddressFamily.InterNetwork)
            address.MapToIPv6().TryWriteBytes(bytes, out _);
        else
            address.TryWriteBytes(bytes, out _);
        if (!isMapped)
            bytes[8..].Clear();
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
