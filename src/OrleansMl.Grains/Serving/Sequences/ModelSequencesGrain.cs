using OrleansMl.Contracts;

namespace OrleansMl.Grains.Serving.Sequences;

/// <summary>Counts a model's sequences.</summary>
[GrainType("model-sequences")]
internal sealed class ModelSequencesGrain(TimeProvider time) : Grain, IModelSequencesGrain
{
    // A sequence is told of at its calls, and not at each.
    private const double Grace = 1.5;
    private readonly SequenceSeats _seats = new();

    public Task EnterAsync(
        string sequence,
        int most,
        int idleSeconds,
        CancellationToken cancellationToken
    )
    {
        Stay(idleSeconds);
        return _seats.TryEnter(sequence, most, Idle(idleSeconds), time.GetUtcNow())
            ? Task.CompletedTask
            : throw new OverloadedException(
                $"Model '{this.GetPrimaryKeyString()}' has {_seats.Count} sequences, of {most} that may run at a time (sequences.maxSequences); end one, or try again later."
            );
    }

    public Task RenewAsync(string sequence, int idleSeconds, CancellationToken cancellationToken)
    {
        Stay(idleSeconds);
        _seats.Renew(sequence, Idle(idleSeconds), time.GetUtcNow());
        return Task.CompletedTask;
    }

    public Task LeaveAsync(string sequence, CancellationToken cancellationToken)
    {
        _seats.Leave(sequence);
        return Task.CompletedTask;
    }

    // As long as what it counts, though nobody asks for it.
    private void Stay(int idleSeconds) => DelayDeactivation(Idle(idleSeconds));

    private static TimeSpan Idle(int seconds) => TimeSpan.FromSeconds(seconds * Grace);
}
