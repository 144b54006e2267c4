using OrleansMl.Contracts.Serving;
using OrleansMl.Contracts.Serving.Watching;

namespace OrleansMl.Core.Serving.Watching;

/// <summary>Counts a version's calls in one window. Not thread-safe.</summary>
internal sealed class WindowCounter(VersionProfile profile, long window)
{
    // Of one row of a large image or a long vector, so many elements are enough for a histogram.
    private const int ElementsPerRow = 4_096;

    private readonly FeatureCounter[] _features =
    [
        .. profile.Features.Select(f => new FeatureCounter(f)),
    ];
    private long _calls;
    private long _rows;
    private long _outliers;

    public long Window => window;

    /// <summary>Counts a call; the scores tell how far its rows are off.</summary>
    public int Add(WatchedCall call, OutlierPolicy? outliers, RowScores scores)
    {
        var rows = call.Inputs.Count == 0 ? 0 : TensorElement.Rows(call.Inputs[0]);
        scores.Begin(rows);
        _calls++;
        _rows += rows;
        for (var i = 0; i < _features.Length; i++)
        {
            var feature = profile.Features[i];
            var tensors = feature.IsOutput ? call.Outputs : call.Inputs;
            foreach (var tensor in tensors)
            {
                if (tensor.Name == feature.Name && tensor.Datatype == feature.Datatype)
                    Add(i, tensor, feature.IsOutput ? null : outliers, rows, scores);
            }
        }
        return rows;
    }

    public void AddOutlier() => _outliers++;

    public WindowCounts ToCounts() =>
        new()
        {
            Window = window,
            Calls = _calls,
            Rows = _rows,
            Outliers = _outliers,
            Features = [.. _features.Select(f => f.ToCounts())],
        };

    private void Add(
        int index,
        InferenceTensor tensor,
        OutlierPolicy? outliers,
        int rows,
        RowScores scores
    )
    {
        var feature = profile.Features[index];
        // An output without a batch dimension is one row of its own.
        var own = Math.Max(1, TensorElement.Rows(tensor));
        var width = TensorElement.Elements(tensor) / own;
        var offset = 0;
        for (var row = 0; row < own; row++)
        {
            if (feature.IsCategory)
                AddCategories(index, tensor, outliers, row, width, ref offset, scores, rows);
            else if (tensor.Datatype != TensorDatatypes.Bytes)
                AddNumbers(index, tensor, outliers, row, width, scores, rows);
        }
    }

    private void AddCategories(
        int index,
        InferenceTensor tensor,
        OutlierPolicy? outliers,
        int row,
        int width,
        ref int offset,
        RowScores scores,
        int rows
    )
    {
        var feature = profile.Features[index];
        var counter = _features[index];
        for (var i = 0; i < width; i++)
        {
            var category = TensorElement.Category(
                tensor.Datatype,
                tensor.Data.Span,
                (row * width) + i,
                ref offset
            );
            var isOff = category is null
                ? feature.ExpectedMissing is 0
                : feature.CategoriesComplete && feature.BinOf(category) == feature.BinCount - 1;
            if (category is null)
                counter.AddMissing();
            else
                counter.Add(category);
            if (isOff && outliers is { UnseenCategories: true } && row < rows)
                scores.Note(row, double.PositiveInfinity, index, category);
        }
    }

    private void AddNumbers(
        int index,
        InferenceTensor tensor,
        OutlierPolicy? outliers,
        int row,
        int width,
        RowScores scores,
        int rows
    )
    {
        var feature = profile.Features[index];
        var counter = _features[index];
        var data = tensor.Data.Span;
        var step = Math.Max(1, width / ElementsPerRow);
        var (sum, count, largest) = (0.0, 0, double.NegativeInfinity);
        for (var i = 0; i < width; i += step)
        {
            var value =
                TensorElement.Number(tensor.Datatype, data, (row * width) + i) * feature.Scale;
            if (double.IsNaN(value))
                continue;
            sum += value;
            count++;
            largest = Math.Max(largest, value);
            if (!feature.Largest)
                counter.Add(value);
        }
        if (count == 0)
        {
            counter.AddMissing();
            if (outliers is not null && feature.ExpectedMissing is 0 && row < rows)
                scores.Note(row, double.PositiveInfinity, index, null);
            return;
        }
        if (feature.Largest)
            counter.Add(largest);
        if (
            outliers is not null
            && row < rows
            && feature is { Center: { } center, Spread: { } spread }
        )
        {
            var mean = sum / count;
            scores.Note(row, Math.Abs(mean - center) / spread, index, mean, outliers.Threshold);
        }
    }
}
