using System.Threading.Channels;
using OrleansMl.Contracts;
using OrleansMl.Contracts.Training;

namespace OrleansMl.Grains.Training;

/// <summary>Those who watch a run. A slow one misses events in between, never the newest.</summary>
internal sealed class RunWatchers(int limit, int buffer)
{
    // More than the events there can be between two writes of the state: a new activation counts on past them, so that
    // numbers never go back.
    private const long ActivationStride = 1_000_000;
    private readonly List<Channel<TrainingEvent>> _channels = [];

    /// <summary>The newest event's number.</summary>
    public long Sequence { get; private set; }

    public bool Any => _channels.Count > 0;

    public void GoOnFrom(long written) => Sequence = written == 0 ? 0 : written + ActivationStride;

    /// <exception cref="OverloadedException">There are too many.</exception>
    public Channel<TrainingEvent> Add()
    {
        if (_channels.Count >= limit)
            throw new OverloadedException(
                $"The run has {_channels.Count} watchers, the most it may have; watch it later or read it now and then."
            );
        var channel = Channel.CreateBounded<TrainingEvent>(
            new BoundedChannelOptions(buffer) { FullMode = BoundedChannelFullMode.DropOldest }
        );
        _channels.Add(channel);
        return channel;
    }

    public void Remove(Channel<TrainingEvent> channel) => _channels.Remove(channel);

    public void Publish(Func<TrainingRunSnapshot> run, IReadOnlyList<MetricPoint> points)
    {
        Sequence++;
        if (_channels.Count == 0)
            return;
        var next = new TrainingEvent
        {
            Sequence = Sequence,
            Run = run(),
            Points = points,
        };
        // A full channel drops its oldest, so this always takes.
        foreach (var channel in _channels)
            channel.Writer.TryWrite(next);
    }

    /// <summary>No event follows: watchers see what they still have, then the end or the error.</summary>
    public void Complete(Exception? error)
    {
        foreach (var channel in _channels)
            channel.Writer.TryComplete(error);
    }
}
