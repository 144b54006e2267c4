using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>(x − Shift) / Scale from a column's statistics; a column that never varies has the scale 1.</summary>
internal readonly record struct Scaling(float Shift, float Scale)
{
    public static Scaling Of(ColumnStatistics statistics, ScalingKind kind)
    {
        var (shift, scale) = kind switch
        {
            ScalingKind.Standardize => (statistics.Mean ?? 0, statistics.StandardDeviation ?? 1),
            ScalingKind.MinMax => (
                statistics.Minimum ?? 0,
                (statistics.Maximum ?? 1) - (statistics.Minimum ?? 0)
            ),
            _ => (0.0, 1.0),
        };
        var single = (float)scale;
        return new Scaling((float)shift, single > 0 && float.IsFinite(single) ? single : 1);
    }

    public bool IsFinite => float.IsFinite(Shift);
}
