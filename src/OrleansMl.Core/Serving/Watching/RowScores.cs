namespace OrleansMl.Core.Serving.Watching;

/// <summary>How far each row of a call is from the reference, and by which input.</summary>
internal sealed class RowScores
{
    private double[] _scores = [];
    private int[] _features = [];
    private string?[] _values = [];

    public void Begin(int rows)
    {
        if (_scores.Length < rows)
        {
            _scores = new double[rows];
            _features = new int[rows];
            _values = new string?[rows];
        }
        _scores.AsSpan(0, rows).Clear();
    }

    /// <summary>Notes a score when it is the row's largest so far; of what has no distance, infinity.</summary>
    public void Note(int row, double score, int feature, string? value)
    {
        if (!(score > _scores[row]))
            return;
        (_scores[row], _features[row], _values[row]) = (score, feature, value);
    }

    /// <summary>Notes a number's score; its text is made only when it counts.</summary>
    public void Note(int row, double score, int feature, double value, double threshold)
    {
        if (score > threshold && score > _scores[row])
            Note(row, score, feature, $"{value:G9}");
    }

    public (double Score, int Feature, string? Value) this[int row] =>
        (_scores[row], _features[row], _values[row]);
}
