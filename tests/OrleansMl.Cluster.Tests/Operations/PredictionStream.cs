using OrleansMl.Client;

namespace OrleansMl.Cluster.Tests.Operations;

/// <summary>A caller that predicts again and again while the cluster is disturbed, and remembers what went wrong after the client's own retries.</summary>
internal sealed class PredictionStream : IAsyncDisposable
{
    // A pause between calls, so that the caller leaves the processors to those that it watches.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    // Answers after which the model counts as loaded wherever the caller goes.
    private const int WarmAnswers = 20;

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _warm = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly Task _running;
    private int _answers;

    private PredictionStream(OrleansMlClient client, string reference)
    {
        _running = RunAsync(client, reference);
    }

    /// <summary>Answers so far.</summary>
    public int Answers => Volatile.Read(ref _answers);

    /// <summary>Ends when the cluster answers.</summary>
    public Task Warm => _warm.Task;

    /// <summary>What went wrong.</summary>
    public List<Exception> Errors { get; } = [];

    /// <summary>Labels that came: one, when every silo serves the same bits.</summary>
    public HashSet<string> Distinct { get; } = [];

    public static PredictionStream Start(OrleansMlClient client, int version) =>
        new(client, version.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(OrleansMlClient client, string reference)
    {
        var model = client.Model(ClusterFixture.Model, reference);
        var example = new Dictionary<string, object?> { ["x"] = 0.25, ["y"] = 0.75 };
        using var timer = new PeriodicTimer(Pause);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    var prediction = await model.PredictAsync(example, _stop.Token);
                    Distinct.Add($"{prediction.Label} {prediction.Probability:R}");
                    if (Interlocked.Increment(ref _answers) == WarmAnswers)
                        _warm.TrySetResult();
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
