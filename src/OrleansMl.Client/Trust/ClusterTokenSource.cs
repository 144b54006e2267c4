using OrleansMl.Contracts.Trust;

namespace OrleansMl.Client.Trust;

/// <summary>
/// Keeps a cluster token at hand: asks for the next one when a third of the time is left, behind the calls, and lets calls wait
/// only when there is none that is good. Thread-safe.
/// </summary>
public sealed class ClusterTokenSource : IDisposable
{
    // What is left of a token must last for a call's way to the silo.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    // A gateway that is away is not asked again by every call.
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(2);

    private readonly Func<CancellationToken, Task<ClusterTokenAnswer>> _issue;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _asking = new(1, 1);
    private readonly CancellationTokenSource _disposed = new();
    private Held? _held;
    private long _failedAt;
    private bool _failed;

    /// <summary>Takes how to ask for a token, for example <c>client.Tokens.IssueAsync</c>.</summary>
    public ClusterTokenSource(
        Func<CancellationToken, Task<ClusterTokenAnswer>> issue,
        TimeProvider? time = null
    )
    {
        ArgumentNullException.ThrowIfNull(issue);
        _issue = issue;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>A token that is good now.</summary>
    /// <exception cref="OrleansMlException">There is none, and the gateway gave none.</exception>
    public ValueTask<string> GetAsync(CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _held) is not { } held)
            return new(AskAsync(null, cancellationToken));
        var age = _time.GetElapsedTime(held.At);
        if (age >= held.Lifetime - Margin)
            return new(AskAsync(held, cancellationToken));
        if (age >= held.Lifetime * (2.0 / 3) && !HasJustFailed())
            _ = RenewAsync(held);
        return new(held.Token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed.Cancel();
        _disposed.Dispose();
    }

    private bool HasJustFailed() =>
        Volatile.Read(ref _failed) && _time.GetElapsedTime(_failedAt) < RetryPeriod;

    private async Task RenewAsync(Held held)
    {
        if (!await _asking.WaitAsync(TimeSpan.Zero, CancellationToken.None))
            return;
        try
        {
            if (Volatile.Read(ref _held) == held)
                await IssueAsync(_disposed.Token);
        }
        catch (Exception)
        {
            // The token at hand is still good. When it no longer is, a call asks again and gets the error.
            _failedAt = _time.GetTimestamp();
            Volatile.Write(ref _failed, true);
        }
        finally
        {
            _asking.Release();
        }
    }

    private async Task<string> AskAsync(Held? before, CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            var held = Volatile.Read(ref _held);
            return held is null || held == before
                ? await IssueAsync(cancellationToken)
                : held.Token;
        }
        finally
        {
            _asking.Release();
        }
    }

    private async Task<string> IssueAsync(CancellationToken cancellationToken)
    {
        // What is valid from the answer on is counted from the question: the way back takes time.
        var asked = _time.GetTimestamp();
        var answer = await _issue(cancellationToken);
        Volatile.Write(
            ref _held,
            new Held(answer.Token, asked, TimeSpan.FromSeconds(answer.ExpiresInSeconds))
        );
        Volatile.Write(ref _failed, false);
        return answer.Token;
    }

    private sealed record Held(string Token, long At, TimeSpan Lifetime);
}
