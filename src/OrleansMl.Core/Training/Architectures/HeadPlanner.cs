using System.Globalization;
using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>Resolves one output feature.</summary>
internal static class HeadPlanner
{
    private const int MaxClasses = 10_000;

    /// <summary>The plan, or null when errors were reported.</summary>
    public static HeadPlan? Plan(
        OutputFeatureConfig output,
        string path,
        int width,
        PlannedColumns columns
    )
    {
        var column = columns.Find(output.Column, output.Type, path);
        if (column is null)
            return null;
        var reading = columns.Reading;
        if (column.Missing > 0)
        {
            reading.ReportKey(
                path,
                "column",
                $"'{column.Name}' lacks a value in {column.Missing:N0} rows, and what is predicted must be known in all; import the dataset without them."
            );
            return null;
        }
        var head = new HeadPlan
        {
            Name = output.Name,
            Column = column.Name,
            Type = output.Type,
            Layers = [new LinearLayer(width, 1)],
            Loss = output.Loss.Kind,
            LabelSmoothing = (float)output.Loss.LabelSmoothing,
            HuberDelta = (float)output.Loss.HuberDelta,
            Weight = (float)output.Weight,
        };
        return output.Type switch
        {
            FeatureType.Category => Category(head, output, column, width, path, reading),
            FeatureType.Binary => Binary(head, output, column, path, reading),
            _ => Number(head, output, column, path, reading),
        };
    }

    private static HeadPlan? Category(
        HeadPlan head,
        OutputFeatureConfig output,
        PlannedColumn column,
        int width,
        string path,
        ConfigReading reading
    )
    {
        if (column.Splits.Any(s => s.ValuesTruncated))
        {
            reading.ReportKey(
                path,
                "column",
                $"'{column.Name}' has more distinct values than the dataset's statistics hold ({column.Train.Values.Count:N0}), too many to be classes; is it a number?"
            );
            return null;
        }
        var classes = Classes(column);
        if (column.TrainCounts.Count < 2)
        {
            reading.ReportKey(
                path,
                "column",
                $"'{column.Name}' has the single value '{column.TrainCounts.Keys.FirstOrDefault()}' in all training rows; a classifier needs two or more classes."
            );
            return null;
        }
        if (classes.Count > MaxClasses)
        {
            reading.ReportKey(
                path,
                "column",
                $"'{column.Name}' has {classes.Count:N0} classes, at most {MaxClasses:N0} are allowed; is it a number?"
            );
            return null;
        }
        return head with
        {
            Layers = [new LinearLayer(width, classes.Count)],
            Classes = classes,
            IntegerClasses = column.Kind is ColumnKind.Integer,
            ClassWeights = ClassWeights(
                output.Loss,
                classes,
                [.. classes.Select(c => column.TrainCounts.GetValueOrDefault(c))],
                path,
                reading
            ),
        };
    }

    /// <summary>
    /// Every label that any split has, in order of number or text. One that only validation or test rows have can't be
    /// learned, but those rows can then be counted as the errors that they are.
    /// </summary>
    private static List<string> Classes(PlannedColumn column)
    {
        var labels = column
            .Splits.SelectMany(s => s.Values)
            .Select(v => column.Spell(v.Value))
            .Distinct();
        return
        [
            .. column.Kind is ColumnKind.Integer
                ? labels.OrderBy(v => long.Parse(v, CultureInfo.InvariantCulture))
                : labels.Order(StringComparer.Ordinal),
        ];
    }

    private static HeadPlan? Binary(
        HeadPlan head,
        OutputFeatureConfig output,
        PlannedColumn column,
        string path,
        ConfigReading reading
    )
    {
        if (BinaryCounts.Of(column, path, reading) is not { } counts)
            return null;
        if (counts.False == 0 || counts.True == 0)
        {
            reading.ReportKey(
                path,
                "column",
                $"'{column.Name}' is {(counts.True > 0 ? "true" : "false")} in all training rows; there is nothing to tell apart."
            );
            return null;
        }
        return head with
        {
            ClassWeights = ClassWeights(
                output.Loss,
                ["false", "true"],
                [counts.False, counts.True],
                path,
                reading
            ),
        };
    }

    private static HeadPlan? Number(
        HeadPlan head,
        OutputFeatureConfig output,
        PlannedColumn column,
        string path,
        ConfigReading reading
    )
    {
        var scaling = Scaling.Of(column.Train, output.Scaling);
        if (!scaling.IsFinite)
        {
            reading.ReportKey(
                path,
                "column",
                $"'{column.Name}' has values that 32-bit floats can't hold; scale it before the import."
            );
            return null;
        }
        return head with { TargetShift = scaling.Shift, TargetScale = scaling.Scale };
    }

    private static List<float> ClassWeights(
        LossConfig loss,
        IReadOnlyList<string> classes,
        IReadOnlyList<long> counts,
        string path,
        ConfigReading reading
    )
    {
        if (loss.Weighting is ClassWeighting.None)
            return [];
        if (loss.Weighting is ClassWeighting.Balanced)
        {
            var rows = (double)counts.Sum();
            var present = counts.Count(c => c > 0);
            return [.. counts.Select(c => c == 0 ? 1 : (float)(rows / (present * (double)c)))];
        }
        foreach (var label in loss.ClassWeights.Keys.Where(l => !classes.Contains(l)))
        {
            reading.ReportKey(
                path + ".loss.class_weights",
                label,
                $"no row has the label '{label}'{NearestName.Hint(label, classes)}"
            );
        }
        var weights = classes
            .Select(c => (float)loss.ClassWeights.GetValueOrDefault(c, 1))
            .ToList();
        if (weights.All(w => w == 0))
        {
            reading.ReportKey(
                path + ".loss",
                "class_weights",
                "every class has the weight 0: nothing would be learned."
            );
        }
        return weights;
    }
}
