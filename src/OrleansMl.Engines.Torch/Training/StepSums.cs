namespace OrleansMl.Engines.Torch.Training;

/// <summary>What some training steps added up to; part of a checkpoint, so that a resumed epoch reports all of its steps.</summary>
internal sealed record StepSums
{
    /// <summary>Σ mean loss × rows.</summary>
    public double Loss { get; set; }

    /// <summary>Rows in the loss.</summary>
    public long Rows { get; set; }

    /// <summary>A head: rows predicted right (category, binary) or Σ |error| in the target's unit (number).</summary>
    public required double[] Scores { get; init; }

    /// <summary>Rows in the scores.</summary>
    public long ScoredRows { get; set; }

    /// <summary>Nothing yet, for so many heads.</summary>
    public static StepSums Empty(int heads) => new() { Scores = new double[heads] };

    /// <summary>Adds another's.</summary>
    public void Add(StepSums other)
    {
        Loss += other.Loss;
        Rows += other.Rows;
        ScoredRows += other.ScoredRows;
        for (var i = 0; i < Scores.Length; i++)
            Scores[i] += other.Scores[i];
    }
}
