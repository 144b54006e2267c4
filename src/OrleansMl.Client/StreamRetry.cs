namespace OrleansMl.Client;

/// <summary>Counts connections of a stream of events that broke one after the other without news, and waits between them.</summary>
internal sealed class StreamRetry(GatewayTransport transport, string what)
{
    private int _broken;

    /// <summary>News came: the stream works.</summary>
    public void Reset() => _broken = 0;

    /// <summary>Waits before the next connection.</summary>
    /// <exception cref="OrleansMlException">There were too many.</exception>
    public async Task WaitAsync(string failure, CancellationToken cancellationToken)
    {
        var options = transport.Options;
        if (_broken >= options.MaxRetries)
            throw new OrleansMlException(
                $"{what}: the stream broke {_broken + 1} times without news; the last time: {failure}."
            );
        var delay = transport.Backoff(_broken);
        _broken++;
        options.OnRetry?.Invoke(new RetryNotice(_broken, delay, failure));
        await Task.Delay(delay, options.TimeProvider, cancellationToken);
    }
}
