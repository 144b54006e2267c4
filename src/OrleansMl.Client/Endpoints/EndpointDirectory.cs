using Microsoft.Extensions.Logging;

namespace OrleansMl.Client.Endpoints;

/// <summary>
/// The endpoints of a cluster, which come and go, and which of them is asked. The list is looked up anew beside the calls, never in
/// their way: when it is old as a call begins, and at once after a failure. Safe for threads.
/// </summary>
internal sealed partial class EndpointDirectory : IDisposable
{
    // After a failure the list is not asked for more often than this.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Uri[] _configured;
    private readonly IEndpointSource? _source;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _gate = new();
    private volatile Uri[] _endpoints;
    private Uri _current;
    private long? _askedAt;
    private bool _isDisposed;
    private Task _refresh = Task.CompletedTask;

    public EndpointDirectory(
        IReadOnlyList<Uri> configured,
        IEndpointSource? source,
        TimeSpan interval,
        TimeProvider time,
        ILogger logger
    )
    {
        _configured = [.. configured.Select(Base).Distinct()];
        (_source, _interval, _time, _logger) = (source, interval, time, logger);
        _endpoints = _configured;
        _current = _configured[0];
    }

    /// <summary>The look-up under way, or the last one.</summary>
    public Task Refreshing
    {
        get
        {
            lock (_gate)
                return _refresh;
        }
    }

    public int Count => _endpoints.Length;

    /// <summary>The endpoint that calls go to until it fails.</summary>
    public Uri Current
    {
        get
        {
            RefreshAfter(_interval);
            lock (_gate)
                return _current;
        }
    }

    /// <summary>The endpoints, for a call that begins now.</summary>
    public IReadOnlyList<Uri> Begin()
    {
        RefreshAfter(_interval);
        return _endpoints;
    }

    /// <summary>An endpoint failed: turns to the next, unless another caller already turned away from this one.</summary>
    public void TurnFrom(Uri endpoint)
    {
        lock (_gate)
        {
            var at = Array.IndexOf(_endpoints, endpoint);
            if (at >= 0 && _current == endpoint)
                _current = _endpoints[(at + 1) % _endpoints.Length];
        }
        RefreshAfter(Pause);
    }

    // Two clients may share it.
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }
        _disposed.Cancel();
        _disposed.Dispose();
    }

    // A relative path is appended only to a base that ends in a slash; else it would replace the base's last segment.
    private static Uri Base(Uri endpoint) =>
        endpoint.AbsoluteUri.EndsWith('/') ? endpoint : new Uri(endpoint.AbsoluteUri + "/");

    private void RefreshAfter(TimeSpan age)
    {
        if (_source is null)
            return;
        lock (_gate)
        {
            if (
                !_refresh.IsCompleted
                || _isDisposed
                || (_askedAt is { } at && _time.GetElapsedTime(at) < age)
            )
                return;
            _askedAt = _time.GetTimestamp();
            var token = _disposed.Token;
            // Not on the caller's stack: a look-up may begin with work that blocks.
            _refresh = Task.Run(() => RefreshAsync(_source, token), CancellationToken.None);
        }
    }

    private async Task RefreshAsync(IEndpointSource source, CancellationToken cancellationToken)
    {
        try
        {
            Uri[] known;
            lock (_gate)
                known = [_current, .. _endpoints, .. _configured];
            var found = await source.ListAsync([.. known.Distinct()], cancellationToken);
            if (found.Count > 0)
                Take([.. found.Select(Base).Distinct()]);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client is gone, and its list with it.
        }
        catch (Exception e)
        {
            // The list stays as it is; calls go on with it.
            LogFailed(e);
        }
    }

    private void Take(Uri[] found)
    {
        lock (_gate)
        {
            if (found.SequenceEqual(_endpoints))
                return;
            _endpoints = found;
            if (!found.Contains(_current))
                _current = found[0];
        }
        LogChanged(string.Join(", ", found.Select(e => e.GetLeftPart(UriPartial.Authority))));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The endpoints are now {Endpoints}.")]
    private partial void LogChanged(string endpoints);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The endpoints could not be looked up.")]
    private partial void LogFailed(Exception exception);
}
