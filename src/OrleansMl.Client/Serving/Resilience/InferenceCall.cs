using OrleansMl.Contracts.Serving;
using Polly;

namespace OrleansMl.Client.Serving.Resilience;

/// <summary>One call and what its tries, which may run side by side, share.</summary>
internal sealed class InferenceCall(
    string model,
    InferenceRequest? request,
    InferenceCallOptions options,
    TimeSpan timeout,
    TimeSpan longestAttempt,
    TimeProvider time,
    CancellationToken caller
)
{
    /// <summary>Where Polly's context has it.</summary>
    public static readonly ResiliencePropertyKey<InferenceCall> Key = new("oml.inference");

    private readonly long _started = time.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly List<Uri> _tried = [];
    private readonly HashSet<Uri> _asked = [];
    private string _lastFailure = "no endpoint was asked";
    private int _running;
    private int _tries;

    public string Model { get; } = model;

    /// <summary>Null: the model is to be described, not run.</summary>
    public InferenceRequest? Request { get; } = request;

    public InferenceCallOptions Options { get; } = options;

    /// <summary>The caller's own wish to stop, apart from time limits.</summary>
    public CancellationToken Caller { get; } = caller;

    /// <summary>The most time for all tries.</summary>
    public TimeSpan Timeout { get; } = timeout;

    /// <summary>Requests of a sequence change the model's state: they are never hedged.</summary>
    public bool IsSequence { get; } = request?.Parameters.SequenceId is not null;

    /// <summary>Whether it may be repeated though it may have been done: inference changes nothing, and a sequence applies a request with an id once.</summary>
    public bool IsRepeatable { get; } =
        request?.Parameters.SequenceId is null || !string.IsNullOrEmpty(request.Id);

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    public TimeSpan Remaining => Timeout - Elapsed;

    /// <summary>The most time for a try that begins now.</summary>
    public TimeSpan AttemptTimeout
    {
        get
        {
            var left = Remaining < longestAttempt ? Remaining : longestAttempt;
            return left > Least ? left : Least;
        }
    }

    /// <summary>What the server is told that it has, in microseconds: what is left, or what the request itself says when that is less.</summary>
    public long AttemptMicroseconds
    {
        get
        {
            var left = (long)AttemptTimeout.TotalMicroseconds;
            return Request?.Parameters.TimeoutMicroseconds is > 0 and var asked && asked < left
                ? asked
                : left;
        }
    }

    public int Tries => Volatile.Read(ref _tries);

    /// <summary>Whether a try waits for its answer.</summary>
    public bool IsRunning => Volatile.Read(ref _running) > 0;

    /// <summary>What the last try that failed met.</summary>
    public string LastFailure => Volatile.Read(ref _lastFailure);

    /// <summary>All endpoints that were asked, in earlier rounds too.</summary>
    public IReadOnlyCollection<Uri> Asked
    {
        get
        {
            lock (_gate)
                return [.. _asked];
        }
    }

    // Polly takes no limit of 0.
    private static TimeSpan Least { get; } = TimeSpan.FromMilliseconds(1);

    public EndpointHealth Begin(EndpointHealths healths, IReadOnlyList<Uri> endpoints)
    {
        lock (_gate)
        {
            // All were tried: the round begins anew.
            if (_tried.Count >= endpoints.Count)
                _tried.Clear();
            var health = healths.Pick(endpoints, _tried);
            _tried.Add(health.Endpoint);
            _asked.Add(health.Endpoint);
            _tries++;
            _running++;
            return health;
        }
    }

    public void End(string? failure)
    {
        Interlocked.Decrement(ref _running);
        if (failure is not null)
            Volatile.Write(ref _lastFailure, failure);
    }

    public override string ToString() =>
        Options.Reference is null ? $"'{Model}'" : $"'{Model}@{Options.Reference}'";
}
