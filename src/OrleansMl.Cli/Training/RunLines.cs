using OrleansMl.Contracts.Training;

namespace OrleansMl.Cli.Training;

/// <summary>A run's events as lines for a log: every change of phase or attempt, every evaluation, and a figure now and then between them.</summary>
internal sealed class RunLines(TimeProvider timeProvider)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly RunFigures _figures = new();
    private (TrainingRunPhase Phase, int Attempt, int? Position)? _state;
    private long _written;

    public IReadOnlyList<string> Of(TrainingEvent e)
    {
        _figures.Add(e);
        var lines = new List<string>();
        var state = (e.Run.Phase, e.Run.Attempt, e.Run.QueuePosition);
        if (_state != state)
        {
            _state = state;
            var attempt = e.Run.Attempt > 0 ? $", attempt {e.Run.Attempt}" : "";
            lines.Add($"{RunText.Phase(e.Run.Phase, e.Run.QueuePosition)}{attempt}");
        }
        foreach (var point in e.Points)
        {
            if (point.Series != "step")
                lines.Add(
                    $"epoch {point.Epoch} {point.Series}: {TextFormat.Metrics(point.Values)} ({TextFormat.Seconds(point.ElapsedSeconds)})"
                );
        }
        if (
            lines.Count == 0
            && e.Run.Phase == TrainingRunPhase.Running
            && timeProvider.GetElapsedTime(_written) >= Pause
        )
            lines.Add($"step {e.Run.Progress?.Step}/{e.Run.Progress?.TotalSteps}: {_figures}");
        if (lines.Count > 0)
            _written = timeProvider.GetTimestamp();
        return lines;
    }
}
