using OrleansMl.Contracts.Datasets;
using OrleansMl.Core.Training.Configuration;

namespace OrleansMl.Core.Training.Architectures;

/// <summary>Resolves one input feature.</summary>
internal static class InputPlanner
{
    /// <summary>The plan, or null when errors were reported.</summary>
    public static InputPlan? Plan(InputFeatureConfig input, string path, PlannedColumns columns)
    {
        var column = columns.Find(input.Column, input.Type, path);
        if (column is null)
            return null;
        var encoderPath = path + ".encoder";
        var reading = columns.Reading;
        switch (input.Type)
        {
            case FeatureType.Category:
                var category = Category(input, column, path, reading);
                if (category is null)
                    return null;
                var (layers, width) = EncoderPlanner.Category(input.Encoder, category.Values.Count);
                return new InputPlan(input.Name, column.Name, category, layers, width);
            case FeatureType.Image:
                var image = Image(input, column, path, reading);
                return image is null
                    ? null
                    : Joined(
                        image,
                        EncoderPlanner.Image(input.Encoder, image, encoderPath, reading)
                    );
            case FeatureType.Vector:
                var vector = Vector(input, column, path, reading);
                return vector is null
                    ? null
                    : Joined(
                        vector,
                        EncoderPlanner.Dense(input.Encoder, vector.Length, encoderPath, reading)
                    );
            default:
                InputTransform? transform =
                    input.Type is FeatureType.Number
                        ? Number(input, column, path, reading)
                        : Binary(input, column, path, reading);
                return transform is null
                    ? null
                    : Joined(
                        transform,
                        EncoderPlanner.Dense(input.Encoder, 1, encoderPath, reading)
                    );
        }

        InputPlan Joined(InputTransform transform, LayerStack encoder) =>
            new(input.Name, column.Name, transform, encoder.Layers, encoder.Width);
    }

    private static NumberTransform? Number(
        InputFeatureConfig input,
        PlannedColumn column,
        string path,
        ConfigReading reading
    )
    {
        var scaling = Scaling.Of(column.Train, input.Preprocessing.Scaling);
        if (
            !CheckFinite(scaling, column, path, reading)
            || !CheckMissing(input, column, path, reading)
        )
            return null;
        var isConstant = input.Preprocessing.Missing is MissingValueKind.Constant;
        var fill = isConstant ? input.Preprocessing.Fill : column.Train.Mean ?? 0;
        return new NumberTransform(
            (float)fill,
            scaling.Shift,
            scaling.Scale,
            // The mean is what is filled in when nothing is said: alone it tells of no missing value.
            AllowsMissing: isConstant || column.Missing > 0
        );
    }

    private static CategoryTransform? Category(
        InputFeatureConfig input,
        PlannedColumn column,
        string path,
        ConfigReading reading
    )
    {
        var values = column
            .TrainCounts.Where(v => v.Value >= input.Preprocessing.MinCount && v.Key.Length > 0)
            .OrderByDescending(v => v.Value)
            .ThenBy(v => v.Key, StringComparer.Ordinal)
            .Take(input.Preprocessing.MaxValues)
            .Select(v => v.Key)
            .ToList();
        if (values.Count == 0)
        {
            reading.ReportKey(
                path + ".preprocessing",
                "min_count",
                $"no value of '{column.Name}' occurs in {input.Preprocessing.MinCount:N0} training rows; every row would count as unknown."
            );
            return null;
        }
        return new CategoryTransform(
            column.Kind is ColumnKind.Integer,
            values,
            AllowsMissing: column.Missing > 0
        );
    }

    private static BinaryTransform? Binary(
        InputFeatureConfig input,
        PlannedColumn column,
        string path,
        ConfigReading reading
    )
    {
        if (
            BinaryCounts.Of(column, path, reading) is not { } counts
            || !CheckMissing(input, column, path, reading)
        )
            return null;
        return new BinaryTransform(
            input.Preprocessing.Missing switch
            {
                MissingValueKind.AssumeTrue => true,
                MissingValueKind.MostFrequent => counts.True > counts.False,
                _ => false,
            }
        );
    }

    private static ImageTransform? Image(
        InputFeatureConfig input,
        PlannedColumn column,
        string path,
        ConfigReading reading
    )
    {
        if (column.Column.Shape is not [> 0 and var height, > 0 and var width, 1 or 3])
        {
            reading.ReportKey(
                path,
                "column",
                $"'{column.Name}' holds images of {string.Join('×', column.Column.Shape)}; expected height × width × 1 or 3 channels."
            );
            return null;
        }
        if (!CheckMissing(input, column, path, reading))
            return null;
        var channels = column.Column.Shape[2];
        var scaling = Scaling.Of(column.Train, input.Preprocessing.Scaling);
        return new ImageTransform(
            height,
            width,
            channels,
            [.. Enumerable.Repeat(scaling.Shift, channels)],
            [.. Enumerable.Repeat(scaling.Scale, channels)]
        );
    }

    private static VectorTransform? Vector(
        InputFeatureConfig input,
        PlannedColumn column,
        string path,
        ConfigReading reading
    )
    {
        if (column.Column.Shape is not [> 0 and var length])
        {
            reading.ReportKey(
                path,
                "column",
                $"'{column.Name}' has the shape [{string.Join(", ", column.Column.Shape)}]; expected one length of 1 or more."
            );
            return null;
        }
        var scaling = Scaling.Of(column.Train, input.Preprocessing.Scaling);
        if (
            !CheckFinite(scaling, column, path, reading)
            || !CheckMissing(input, column, path, reading)
        )
            return null;
        return new VectorTransform(
            length,
            [.. Enumerable.Repeat(scaling.Shift, length)],
            [.. Enumerable.Repeat(scaling.Scale, length)]
        );
    }

    private static bool CheckFinite(
        Scaling scaling,
        PlannedColumn column,
        string path,
        ConfigReading reading
    )
    {
        if (scaling.IsFinite)
            return true;
        reading.ReportKey(
            path,
            "column",
            $"'{column.Name}' has a mean or minimum of {scaling.Shift} in 32-bit floats; its values are too large to train on."
        );
        return false;
    }

    private static bool CheckMissing(
        InputFeatureConfig input,
        PlannedColumn column,
        string path,
        ConfigReading reading
    )
    {
        if (column.Missing == 0 || input.Preprocessing.Missing is not MissingValueKind.Refuse)
            return true;
        var canFill = input.Type is FeatureType.Number or FeatureType.Binary;
        reading.ReportKey(
            canFill ? path + ".preprocessing" : path,
            canFill ? "missing" : "column",
            $"'{column.Name}' lacks a value in {column.Missing:N0} rows; {(canFill ? "choose what stands in for it, or " : "")}import the dataset without them."
        );
        return false;
    }
}
