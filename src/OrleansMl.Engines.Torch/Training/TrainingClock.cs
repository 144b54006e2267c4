namespace OrleansMl.Engines.Torch.Training;

/// <summary>Seconds of a run and examples a second of an attempt.</summary>
internal sealed class TrainingClock(TimeProvider time, double secondsBefore)
{
    private readonly long _start = time.GetTimestamp();
    private double _pausedSeconds;
    private long _examples;

    /// <summary>Seconds of training, earlier attempts included.</summary>
    public double Seconds => secondsBefore + AttemptSeconds;

    /// <summary>Training examples a second in this attempt; evaluation and checkpoints left out.</summary>
    public double ExamplesPerSecond
    {
        get
        {
            var seconds = AttemptSeconds - _pausedSeconds;
            return seconds > 0 ? _examples / seconds : 0;
        }
    }

    private double AttemptSeconds => time.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Counts a step's examples.</summary>
    public void Count(int examples) => _examples += examples;

    /// <summary>Does something that is no training.</summary>
    public T Pause<T>(Func<T> other)
    {
        var start = time.GetTimestamp();
        try
        {
            return other();
        }
        finally
        {
            _pausedSeconds += time.GetElapsedTime(start).TotalSeconds;
        }
    }
}
