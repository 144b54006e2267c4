using System.Globalization;
using OrleansMl.Client;

namespace OrleansMl.Cluster.Tests.Operations;

/// <summary>A caller that asks the same thing again and again while the cluster is disturbed, and remembers what went wrong after the client's own retries.</summary>
internal sealed class CallStream : IAsyncDisposable
{
    // A pause between calls, so that the caller leaves the processors to those that it watches.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    // Answers after which the model counts as loaded wherever the caller goes.
    private const int WarmAnswers = 20;

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _warm = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly Func<CancellationToken, Task<string>> _call;
    private readonly Task _running;
    private int _answers;

    private CallStream(Func<CancellationToken, Task<string>> call)
    {
        _call = call;
        _running = RunAsync();
    }

    /// <summary>Answers so far.</summary>
    public int Answers => Volatile.Read(ref _answers);

    /// <summary>Ends when the cluster answers.</summary>
    public Task Warm => _warm.Task;

    /// <summary>What went wrong.</summary>
    public List<Exception> Errors { get; } = [];

    /// <summary>Different answers that came: one, when every silo says the same.</summary>
    public HashSet<string> Distinct { get; } = [];

    /// <summary>The longest time between two answers, retries and all: what a caller feels of a failure.</summary>
    public TimeSpan LongestGap { get; private set; }

    /// <summary>Predicts one example by one version.</summary>
    public static CallStream Predict(OrleansMlClient client, int version)
    {
        var model = client.Model(
            ClusterFixture.Model,
            version.ToString(CultureInfo.InvariantCulture)
        );
        var example = new Dictionary<string, object?> { ["x"] = 0.25, ["y"] = 0.75 };
        return new CallStream(async token =>
        {
            var prediction = await model.PredictAsync(example, token);
            return $"{prediction.Label} {prediction.Probability:R}";
        });
    }

    /// <summary>Asks for the cluster's status, which needs the one pool grain, wherever it is, and the database.</summary>
    public static CallStream Status(OrleansMlClient client) =>
        new(async token => (await client.StatusAsync(token)).ClusterId);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Pause);
        var last = TimeProvider.System.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    Distinct.Add(await _call(_stop.Token));
                    var gap = TimeProvider.System.GetElapsedTime(last);
                    last = TimeProvider.System.GetTimestamp();
                    if (Interlocked.Increment(ref _answers) == WarmAnswers)
                        _warm.TrySetResult();
                    // Loading the model the first time is no gap.
                    if (_answers > WarmAnswers && gap > LongestGap)
                        LongestGap = gap;
                }
                catch (Exception e) when (!_stop.IsCancellationRequested)
                {
                    Errors.Add(e);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test has seen enough.
            return;
        }
    }
}
