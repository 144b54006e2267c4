namespace OrleansMl.Gateway.Training;

/// <summary>Where a watcher of a run was: the id of its last event, <c>sequence.step</c>. A run's grain may begin its sequence anew when it moves; steps stay.</summary>
/// <param name="Sequence">The last event's number.</param>
/// <param name="Step">The last step whose metrics were sent; −1: none.</param>
internal readonly record struct RunCursor(long Sequence, long Step)
{
    public static RunCursor Start => new(-1, -1);

    /// <summary>Reads an id that was sent; anything else is the start.</summary>
    public static RunCursor Parse(string? text)
    {
        var dot = text?.IndexOf('.') ?? -1;
        return
            dot > 0
            && long.TryParse(text.AsSpan(0, dot), out var sequence)
            && long.TryParse(text.AsSpan(dot + 1), out var step)
            ? new RunCursor(sequence, step)
            : Start;
    }

    public override string ToString() => $"{Sequence}.{Step}";
}
