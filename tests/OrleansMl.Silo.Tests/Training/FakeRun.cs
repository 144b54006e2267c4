using System.Threading.Channels;
using OrleansMl.Contracts.Training;
using OrleansMl.Silo.Training;

namespace OrleansMl.Silo.Tests.Training;

/// <summary>A run that remembers what its attempts told it, and answers as the test says.</summary>
internal sealed class FakeRun : ITrainingRunGrain, ITrainingRuns
{
    private readonly Channel<object> _told = Channel.CreateUnbounded<object>();

    /// <summary>Called before each answer; may throw or change the directive.</summary>
    public Func<object, AttemptDirective> Answer { get; set; } = _ => AttemptDirective.Continue;

    public List<MetricPoint> Points { get; } = [];

    public ITrainingRunGrain Get(TrainingRunId run) => this;

    /// <summary>The next thing of this type that was told; others are passed over, but an attempt's end: nothing follows it.</summary>
    public async Task<T> NextAsync<T>()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        while (true)
        {
            switch (await _told.Reader.ReadAsync(cancellationToken))
            {
                case T wanted:
                    return wanted;
                case AttemptEnd end:
                    throw new InvalidOperationException(
                        $"Attempt {end.Attempt} ended {end.Outcome} before a {typeof(T).Name} came: {end.Error} {string.Join('\n', end.LogTail)}"
                    );
                case AttemptResult result:
                    throw new InvalidOperationException(
                        $"Attempt {result.Attempt} brought its model before a {typeof(T).Name} came."
                    );
            }
        }
    }

    public Task<AttemptDirective> ReportAsync(
        AttemptReport report,
        CancellationToken cancellationToken
    )
    {
        var directive = Answer(report);
        lock (Points)
            Points.AddRange(report.Points);
        return Tell(report, directive);
    }

    public Task<AttemptDirective> ReportCheckpointAsync(
        int attempt,
        CheckpointReference checkpoint,
        CancellationToken cancellationToken
    ) => Tell(checkpoint, Answer(checkpoint));

    public Task<AttemptDirective> CompleteAsync(
        AttemptResult result,
        CancellationToken cancellationToken
    ) => Tell(result, Answer(result));

    public async Task EndAttemptAsync(AttemptEnd end, CancellationToken cancellationToken) =>
        await Tell(end, Answer(end));

    public Task<TrainingRunSnapshot> SubmitAsync(
        TrainingRunSpec spec,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<TrainingRunSnapshot?> GetAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<TrainingEvent> WatchAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<TrainingRunSnapshot> CancelAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<TrainingRunSnapshot> ResumeAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<AttemptAssignment?> BeginAttemptAsync(
        string slot,
        string leaseId,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    private Task<AttemptDirective> Tell(object what, AttemptDirective directive)
    {
        _told.Writer.TryWrite(what);
        return Task.FromResult(directive);
    }
}
