using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Serving.Limits;

namespace OrleansMl.Core.Serving.Limits;

/// <summary>The limits that this silo goes by. Thread-safe.</summary>
public sealed class LimitRegistry(
    ILimitSource source,
    IOptions<LimitOptions> options,
    TimeProvider time
) : IDisposable
{
    private const int Tries = 8;
    private const int Parallel = 16;
    private readonly ConcurrentDictionary<string, LimitedSubject> _subjects = new(
        StringComparer.Ordinal
    );

    // By the model's name alone, without making a text for each request.
    private readonly ConcurrentDictionary<string, LimitedSubject> _models = new(
        StringComparer.Ordinal
    );

    private int _tokenCallers;

    // A silo's process: what it had set aside before a restart is not its any more.
    private readonly string _instance = Guid.NewGuid().ToString("N");

    /// <summary>The limits of keys that have none of their own; null: none.</summary>
    public LimitPolicy? Default { get; } = options.Value.DefaultPolicy();

    /// <summary>The limits of an API key; null: none.</summary>
    public LimitedSubject? OfKey(string id, LimitPolicy? policy, long revision) =>
        (policy ?? Default) is { } limits ? Get($"key/{id}", limits, revision) : null;

    /// <summary>The limits of a caller by an identity provider's token, the same for all tokens of the subject; null: none.</summary>
    /// <param name="issuer">The issuer's name in the configuration.</param>
    /// <param name="subject">Whom the token names.</param>
    public LimitedSubject? OfToken(string issuer, string subject)
    {
        if (Default is not { } limits)
            return null;
        // A subject is any text, and often a person's address: names of grains are short, and tell nothing of it.
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(subject));
        var name = $"token/{issuer}/{Convert.ToHexStringLower(digest.AsSpan(0, 16))}";
        if (_subjects.TryGetValue(name, out var known))
            return known;
        return Interlocked.Increment(ref _tokenCallers) <= options.Value.MaxTokenCallers
            ? Get(name, limits, 0)
            : Get($"token/{issuer}", limits, 0);
    }

    /// <summary>The limits of a model; null: none.</summary>
    public LimitedSubject? OfModel(string model, LimitPolicy? policy, long revision)
    {
        if (policy is null)
            return null;
        if (!_models.TryGetValue(model, out var subject))
            _models[model] = subject = Get($"model/{model}", policy, revision);
        if (!ReferenceEquals(subject.Policy, policy))
            subject.SetPolicy(policy, revision);
        return subject;
    }

    /// <summary>Decides on a request, asking the cluster where that may help.</summary>
    /// <exception cref="UnavailableException">The cluster did not say in time.</exception>
    public ValueTask<LimitVerdict> AdmitAsync(
        LimitedSubject subject,
        long bytes,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(subject);
        var verdict = subject.TryAdmit(bytes);
        return verdict.IsOpen
            ? new(AskAsync(subject, () => subject.TryAdmit(bytes), 1, 0, cancellationToken))
            : new(verdict);
    }

    /// <summary>Decides on the rows of a request that was let through.</summary>
    /// <exception cref="UnavailableException">The cluster did not say in time.</exception>
    public ValueTask<LimitVerdict> AdmitRowsAsync(
        LimitedSubject subject,
        long rows,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(subject);
        var verdict = subject.TryRows(rows);
        return verdict.IsOpen
            ? new(AskAsync(subject, () => subject.TryRows(rows), 0, rows, cancellationToken))
            : new(verdict);
    }

    /// <summary>Renews what is in use and gives back what is not.</summary>
    /// <param name="failed">Told of each that could not be renewed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task TendAsync(Action<string, Exception> failed, CancellationToken cancellationToken) =>
        ForEachAsync((subject, token) => subject.TendAsync(token), failed, cancellationToken);

    /// <summary>Gives everything back.</summary>
    /// <param name="failed">Told of each that could not be given back.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task ReleaseAsync(
        Action<string, Exception> failed,
        CancellationToken cancellationToken
    ) => ForEachAsync((subject, token) => subject.ReleaseAsync(token), failed, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var subject in _subjects.Values)
            subject.Dispose();
    }

    private Task ForEachAsync(
        Func<LimitedSubject, CancellationToken, Task> act,
        Action<string, Exception> failed,
        CancellationToken cancellationToken
    ) =>
        System.Threading.Tasks.Parallel.ForEachAsync(
            _subjects.Values.Where(subject => subject.IsActive),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = Parallel,
                CancellationToken = cancellationToken,
            },
            async (subject, token) =>
            {
                try
                {
                    await act(subject, token);
                }
                catch (Exception error) when (!cancellationToken.IsCancellationRequested)
                {
                    failed(subject.Name, error);
                }
            }
        );

    private async Task<LimitVerdict> AskAsync(
        LimitedSubject subject,
        Func<LimitVerdict> decide,
        long requests,
        long rows,
        CancellationToken cancellationToken
    )
    {
        using var patience = new CancellationTokenSource(
            TimeSpan.FromSeconds(options.Value.WaitSeconds),
            time
        );
        using var both = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken,
            patience.Token
        );
        Exception? why = null;
        try
        {
            for (var i = 0; i < Tries; i++)
            {
                await subject.RenewAsync(requests, rows, both.Token);
                var verdict = decide();
                if (!verdict.IsOpen)
                    return verdict;
                // Other silos hold all of it still: they give a part up at their next renewal.
                if (verdict.Cause == LimitCause.Share)
                    await Task.Delay(
                        TimeSpan.FromSeconds(options.Value.RenewSeconds / 2),
                        time,
                        both.Token
                    );
            }
        }
        catch (OperationCanceledException error) when (patience.IsCancellationRequested)
        {
            why = error;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            why = error;
        }
        cancellationToken.ThrowIfCancellationRequested();
        subject.Refused();
        throw new UnavailableException(
            $"This silo could not get its share of the limit of {subject.Name} from the cluster: try again, or another silo.",
            why ?? new TimeoutException()
        )
        {
            RetryAfter = TimeSpan.FromSeconds(Math.Max(1, options.Value.RenewSeconds)),
        };
    }

    private LimitedSubject Get(string name, LimitPolicy policy, long revision)
    {
        var subject = _subjects.GetOrAdd(
            name,
            _ => new LimitedSubject(name, policy, revision, _instance, source, options.Value, time)
        );
        subject.SetPolicy(policy, revision);
        return subject;
    }
}
